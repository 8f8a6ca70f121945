import { isCooperageError } from '@cooperage/store'
import { expect, test } from 'vitest'
import { parseReference, withDefaultTag } from '../packages/store/src/registry/reference.js'
import { differences, readGolden } from './golden.js'

interface ReferenceRow {
  readonly text?: string
  readonly text_b64?: string
  readonly error?: string
  readonly error_b64?: string
  readonly normalized?: string
  readonly domain?: string
  readonly path?: string
  readonly tag?: string
  readonly digest?: string
  readonly familiar?: string
  readonly with_default_tag?: string
}

const golden = readGolden<ReferenceRow>('reference.json')

test.runIf(golden)('references are read, completed and refused as Docker does', () => {
  const differing: unknown[] = []
  for (const row of golden!.rows) {
    // Text is decoded before it gets here. In the one row that is not UTF-8, Go's message quotes the raw byte.
    const text = row.text ?? Buffer.from(row.text_b64!, 'base64').toString('utf8')
    let found: Record<string, unknown>
    try {
      const named = parseReference(text)
      const { domain, path, tag, digest, familiar } = named
      const withTag = String(withDefaultTag(named))
      found = { normalized: String(named), domain, path, tag, digest, familiar, with_default_tag: withTag }
    } catch (error) {
      if (!isCooperageError(error) || error.code !== 'E_REF') throw error
      found = { error: row.error_b64 === undefined ? error.message : undefined }
    }
    const fields = [
      'error',
      'normalized',
      'domain',
      'path',
      'tag',
      'digest',
      'familiar',
      'with_default_tag',
    ] as const
    if (fields.some((field) => row[field] !== found[field])) differing.push({ row, found })
  }
  expect(differences(differing)).toBeUndefined()
})
