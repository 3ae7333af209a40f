import { encode } from 'uqr'

/** ISO/IEC 18004 §6.3.8: the light modules that scanners look for around the code. */
const QUIET_ZONE = 4

/** A QR picture of a link: one path, dark on white in both themes because scanners want that. */
export function Qr({ text, label }: { readonly text: string; readonly label: string }) {
  const code = encode(text, { ecc: 'M', border: QUIET_ZONE })
  const path = code.data
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('')
  return (
    <svg
      role="img"
      aria-label={label}
      className="qr"
      viewBox={`0 0 ${code.size} ${code.size}`}
      shapeRendering="crispEdges"
    >
      <rect width={code.size} height={code.size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}
