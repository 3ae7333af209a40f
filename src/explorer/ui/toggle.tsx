import { ToggleGroup } from 'radix-ui'

type Props = {
  readonly label: string
  readonly value: string
  readonly options: readonly (readonly [value: string, text: string])[]
  readonly onChange: (value: string) => void
}

/** A choice between two or three things, all in sight. */
export function Toggle({ label, value, options, onChange }: Props) {
  return (
    <ToggleGroup.Root
      type="single"
      className="toggle"
      aria-label={label}
      value={value}
      onValueChange={(next) => next !== '' && onChange(next)}
    >
      {options.map(([each, text]) => (
        <ToggleGroup.Item key={each} value={each} className="toggle__item">
          {text}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  )
}
