import { isInputObjectType } from 'graphql'
import { describe, expect, test } from 'vitest'
import { buildApiSchema, renderSdl } from '../../../src/api/schema'

describe('the SDL', () => {
  const schema = buildApiSchema()

  test('is what api.graphql holds (after a wanted change: vitest -u)', async () => {
    await expect(renderSdl(schema)).toMatchFileSnapshot('../../../api.graphql')
  })

  test('takes exactly one way to name a certificate', () => {
    const reference = schema.getType('CertificateRef')
    expect(isInputObjectType(reference) && reference.isOneOf).toBe(true)
  })
})
