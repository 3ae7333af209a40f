import { describe, expect, it } from 'vitest'
import { leafFirst } from '../../../src/explorer/logic/leaf-first'
import { certificatesOfFiles, toPem } from '../../../src/explorer/logic/pem'
import { makeCertificate, makeIssuer, makeRoot } from '../../support/certificates'

const made = makeRoot()
const issuing = makeIssuer('Issuer', made)
const root = made.der
const issuer = issuing.der
const leaf = makeCertificate({ subject: 'Leaf', issuer: issuing }).der
const otherLeaf = makeCertificate({ subject: 'Other leaf', issuer: issuing, isV1: true }).der
const renewedRoot = makeCertificate({ subject: 'Root', serial: 9n }).der

describe('leafFirst', () => {
  it.each([
    ['root first', [root, issuer, leaf], [leaf, root, issuer]],
    ['in no order', [issuer, leaf, root], [leaf, issuer, root]],
    ['of the first version', [root, issuer, otherLeaf], [otherLeaf, root, issuer]],
    ['some twice', [issuer, leaf, issuer, leaf], [leaf, issuer]],
  ])('begins with the one that issued none of the others: given %s', (_, given, expected) => {
    expect(leafFirst(given)).toEqual(expected)
  })

  it.each([
    ['two issued none', [root, leaf, otherLeaf]],
    ['each issued the other', [root, renewedRoot]],
    ['none is a certificate', [new Uint8Array([0x30, 0]), new Uint8Array([0x31, 0])]],
  ])('keeps the order where %s', (_, given) => {
    expect(leafFirst(given)).toEqual(given)
  })
})

const file = (name: string, ...parts: BlobPart[]) => new File(parts, name)
const derFile = (name: string, der: Uint8Array) => file(name, new Uint8Array(der))

describe('certificatesOfFiles', () => {
  it('takes PEM and DER files together, the leaf first whatever their order', async () => {
    const files = [derFile('a-root.der', root), file('b-chain.pem', toPem(leaf) + toPem(issuer))]
    expect(await certificatesOfFiles(files)).toBe([leaf, root, issuer].map(toPem).join(''))
  })

  it('leaves a single file in its own order', async () => {
    const text = toPem(root) + toPem(leaf)
    expect(await certificatesOfFiles([file('chain.pem', text)])).toBe(text)
  })

  it('takes none where one of the files cannot be read: the verdict would be about the others', async () => {
    const good = derFile('leaf.der', leaf)
    const folder = Object.assign(file('folder'), {
      arrayBuffer: () => Promise.reject(new DOMException('no file', 'NotFoundError')),
    })
    expect(await certificatesOfFiles([good, file('notes.txt', 'hello')])).toBeUndefined()
    expect(await certificatesOfFiles([folder, good])).toBeUndefined()
    expect(await certificatesOfFiles([])).toBeUndefined()
  })

  it('takes none where together they are too long for a link', async () => {
    const large = new Uint8Array(40_000).fill(0x30)
    expect(await certificatesOfFiles([derFile('one.der', large)])).toBe(toPem(large))
    expect(
      await certificatesOfFiles([
        derFile('one.der', large),
        derFile('leaf.der', leaf),
        derFile('two.der', large.slice(1)),
      ]),
    ).toBeUndefined()
  })
})
