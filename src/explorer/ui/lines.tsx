import { Name } from './name'

/** Text of a stranger in lines. Indentation is layout, not part of a name: only the rest is escaped. */
export function Lines({ text }: { readonly text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must take the keyboard
    <pre className="code" tabIndex={0}>
      {text.split('\n').map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of one text never move
        <div key={index}>{line === '' ? '\u00a0' : <Line text={line} />}</div>
      ))}
    </pre>
  )
}

function Line({ text }: { readonly text: string }) {
  const indent = text.length - text.trimStart().length
  return (
    <>
      {text.slice(0, indent)}
      <Name value={text.slice(indent)} />
    </>
  )
}
