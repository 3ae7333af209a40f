const paths = {
  check: 'm5 12.5 4.5 4.5L19 7.5',
  cross: 'M6.5 6.5l11 11m0-11-11 11',
  question: 'M9 9.2a3 3 0 1 1 4.4 2.7c-.9.5-1.4 1-1.4 2.1M12 17.6v.1',
  warning: 'M12 4 2.8 19.5h18.4zM12 10v4.5M12 17v.1',
  info: 'M12 11v5.5M12 7.6v.1M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18z',
  clock: 'M12 7v5l3.2 2M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18z',
  off: 'M5.6 5.6l12.8 12.8M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18z',
  minus: 'M6 12h12',
  plus: 'M6 12h12M12 6v12',
  copy: 'M9 9h10v11H9zM15 9V4H5v11h4',
  down: 'M12 4v11m-5-4.5 5 5 5-5M5 20h14',
  link: 'M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.3l-1 1M14 10a4 4 0 0 0-5.7 0l-3 3a4 4 0 0 0 5.7 5.7l1-1',
  outward: 'M14 4h6v6M20 4l-9 9M18 14v6H4V6h6',
  search: 'M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5 20.5 20.5',
  sun: 'M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM12 2.5v2m0 15v2M2.5 12h2m15 0h2M5.3 5.3l1.4 1.4m10.6 10.6 1.4 1.4m0-13.4-1.4 1.4M6.7 17.3l-1.4 1.4',
  moon: 'M20 14.5A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.5z',
  system: 'M3 5h18v11H3zM9 20h6M12 16v4',
  menu: 'M4 7h16M4 12h16M4 17h16',
  right: 'm9 5 7 7-7 7',
  below: 'm5 9 7 7 7-7',
  root: 'M12 3 21 6.5V12c0 5-3.7 8.2-9 9.5C6.7 20.2 3 17 3 12V6.500z',
  leaf: 'M5 4h14v16H5zM8.5 9h7M8.5 12.500h7M8.5 16h4',
  qr: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 18h2v2h-2zM18 14h2M14 18v2',
  print: 'M7 9V3h10v6M7 17H4V9h16v8h-3M7 14h10v7H7z',
  renew: 'M19.5 9A8 8 0 0 0 5 8M4.5 15A8 8 0 0 0 19 16M5 3.500V8h4.500M19 20.500V16h-4.5',
  live: 'M12 10.500a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3zM8 8a5.6 5.6 0 0 0 0 8m8-8a5.6 5.6 0 0 1 0 8M5 5a10 10 0 0 0 0 14M19 5a10 10 0 0 1 0 14',
} as const

export type IconName = keyof typeof paths

/** A decorative line icon: the text beside it, or the control's label, carries the meaning. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      aria-hidden="true"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="2"
      strokeLinecap="round"
      strokeLinejoin="round"
    >
      <path d={paths[name]} />
    </svg>
  )
}
