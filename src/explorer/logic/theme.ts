export type Theme = 'system' | 'light' | 'dark'

const KEY = 'theme'
const order: readonly Theme[] = ['system', 'light', 'dark']

export function readTheme(): Theme {
  try {
    const stored = localStorage.getItem(KEY)
    return order.find((theme) => theme === stored) ?? 'system'
  } catch {
    return 'system'
  }
}

export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
  try {
    localStorage.setItem(KEY, theme)
  } catch {
    return
  }
}

export function nextTheme(theme: Theme): Theme {
  return order[(order.indexOf(theme) + 1) % order.length] ?? 'system'
}
