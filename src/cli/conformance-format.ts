/** The lines of a suite, as test/fixtures/suites/README.md describes them. */
import { z } from 'zod'

const peerName = z.object({ kind: z.enum(['DNS', 'IP', 'RFC822']), value: z.string() })

/** Absent and null both mean nothing was asked for. */
function orElse<T extends z.ZodType>(schema: T, fallback: z.infer<T>) {
  return schema.nullish().transform((value) => value ?? fallback)
}

const pemList = orElse(z.array(z.string()), [])

export const pathCase = z.object({
  id: z.string(),
  suite: orElse(z.string(), ''),
  group: orElse(z.string(), ''),
  trusted: z.array(z.string()),
  intermediates: pemList,
  extraCerts: pemList,
  leaf: z.string(),
  crls: pemList,
  revocation: orElse(z.string(), 'none'),
  /** Base64 of DER OCSPResponses. */
  responses: pemList,
  time: z.string(),
  keyUsage: orElse(z.array(z.string()), []),
  eku: orElse(z.array(z.string()), []),
  maxDepth: z.number().nullish(),
  peerName: peerName.nullish(),
  peerNames: orElse(z.array(peerName), []),
  policy: z
    .object({
      initialPolicySet: z.array(z.string()),
      explicit: z.boolean(),
      inhibitMapping: z.boolean(),
      inhibitAny: z.boolean(),
    })
    .nullish(),
  anchor: orElse(z.object({ checkValidity: z.boolean(), checkConstraints: z.boolean() }), {
    checkValidity: true,
    checkConstraints: true,
  }),
  crlMaxAgeSeconds: z.number().nullish(),
})

export const parseCase = z.object({ id: z.string(), certDerBase64: z.string() })

export const crlCase = z.object({
  id: z.string(),
  cert: z.string(),
  issuers: z.array(z.string()),
  crl: z.string(),
  time: z.string(),
  crlMaxAgeSeconds: z.number(),
})

export const ocspCase = z.object({
  id: z.string(),
  cert: z.string(),
  issuer: z.string(),
  responses: z.array(z.string()),
  time: z.string(),
  maxAgeSeconds: z.number(),
})

export type PathCase = z.infer<typeof pathCase>

export type ParseCase = z.infer<typeof parseCase>
export type CrlCase = z.infer<typeof crlCase>
export type OcspCase = z.infer<typeof ocspCase>
