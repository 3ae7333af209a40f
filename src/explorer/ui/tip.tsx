import { Tooltip } from 'radix-ui'
import type { ReactNode } from 'react'

type Props = { readonly text: ReactNode; readonly children: ReactNode }

/** A hint on hover and on keyboard focus; `children` is one element that takes focus. */
export function Tip({ text, children }: Props) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="tooltip" sideOffset={6} collisionPadding={8}>
          {text}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  )
}
