/** docs/codes.md, made from the code tables. */

import { PATH_CODES } from '../../src/pki/codes'
import { ADVISORIES } from '../../src/registry/advisory'
import { type CheckCode, checkEntry, REGISTRY_CHECKS } from '../../src/verify/codes'
import { VERDICT_FINDINGS } from '../../src/verify/finding-codes'

const HEAD = `# Codes of checks, failures and findings

Made from \`src/verify/codes.ts\`, \`src/verify/finding-codes.ts\`, \`src/pki/codes.ts\` and \`src/registry/advisory.ts\` by \`node scripts/emit-codes.js\`; a test
compares them. Codes are for ever: a code keeps its meaning, a new meaning is a new code.

A **check** is PASSED, FAILED or SKIPPED. Skipped because nobody asked for it is harmless; skipped because it could not be
done (\`undetermined\`) keeps a verdict from being VALID. One FAILED check makes it INVALID. A **finding** is what the chain let
pass and you should know: it changes no verdict unless the policy says so (\`rejectSeverity\`, \`rejectFindings\`).

## Indications

\`indication\` puts the verdict in the words of ETSI EN 319 102-1 (§5.1.3): the asked moment is taken as proven time of use. The
deciding failure, the one that began first, gives it. The verdict is ours and answers "may I rely on it?"; the indication
is ETSI's and answers "what is proven?", so that INVALID may come with INDETERMINATE: a chain that breaks a constraint is
not to be relied on, though nothing is proven against the key. VALID comes with TOTAL-PASSED and nothing else does.

| verdict | indication | when |
|---|---|---|
| VALID | TOTAL-PASSED | every check asked for passed |
| INVALID | TOTAL-FAILED or INDETERMINATE, with the sub-indication of the deciding check | a check failed |
| INDETERMINATE | INDETERMINATE with a sub-indication | none failed, but one could not be done |

TOTAL-FAILED is for the asked certificate itself. A revoked or deactivated issuer gives INDETERMINATE/REVOKED_CA_NO_POE, an
expired or badly signed one INDETERMINATE/CERTIFICATE_CHAIN_GENERAL_FAILURE, and so does whatever could not be done.
`

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeCell).join(' | ')} |`
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n')
}

function escapeCell(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

function checkRows(codes: readonly string[]): string {
  const rows = (codes as CheckCode[]).map((code) => {
    const { meaning, source, failed, advice } = checkEntry(code)
    return [`\`${code}\``, meaning, source, failed, advice]
  })
  return table(['code', 'meaning', 'source', 'indication when it fails', 'what to do'], rows)
}

export function renderCodesPage(): string {
  const recorded = Object.entries(ADVISORIES).map(
    ([code, { severity, message, advice, quirks }]) => [
      `\`${code}\``,
      severity,
      message,
      quirks.join(', '),
      advice,
    ],
  )
  const own = Object.entries(VERDICT_FINDINGS).map(([code, { severity, message, advice }]) => [
    `\`${code}\``,
    severity,
    message,
    advice,
  ])
  return [
    HEAD,
    '## Checks of the registry profile\n',
    `${checkRows(Object.keys(REGISTRY_CHECKS))}\n`,
    '## Failures of a path (RFC5280 profile)\n',
    'Each appears beside `RFC5280_PATH`, named with the identity whose certificate it is about.\n',
    `${checkRows(Object.keys(PATH_CODES))}\n`,
    '## Findings recorded when the chain accepted an operation\n',
    'The numbers are those of [registry-quirks.md](registry-quirks.md).\n',
    `${table(['code', 'severity', 'meaning', 'quirk', 'what to do'], recorded)}\n`,
    '## Findings of a verdict\n',
    `${table(['code', 'severity', 'meaning', 'what to do'], own)}\n`,
  ].join('\n')
}
