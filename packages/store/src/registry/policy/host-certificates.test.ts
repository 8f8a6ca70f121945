import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeAuthority } from '../../../../../test/authority.js'
import { hasTool } from '../../../../../test/rival-tools.js'
import { hostCertificates } from './host-certificates.js'

describe.skipIf(!hasTool('openssl'))('certificates that cannot be used', () => {
  let folder: string
  let files: Record<'cert' | 'key' | 'other' | 'encrypted' | 'broken', string>
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cooper-certificates-'))
    const authority = makeAuthority(folder)
    const { cert, key, keyFile } = authority.issue('client')
    const lock = ['pkey', '-in', keyFile, '-aes128', '-passout', 'pass:secret']
    const encrypted = execFileSync('openssl', lock, { encoding: 'utf8' })
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
    files = { cert, key, other: authority.issue('other').key, encrypted, broken }
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it.each<[string, Record<string, keyof typeof files | ''>, string]>([
    ['an empty authority', { 'ca.crt': '' }, 'ca.crt holds no certificate'],
    ['a damaged authority', { 'a.crt': 'cert', 'b.crt': 'broken' }, 'b.crt holds no certificate'],
    ['an authority that is a key', { 'ca.crt': 'key' }, 'ca.crt holds no certificate'],
    ['an empty pair', { 'x.cert': '', 'x.key': '' }, 'x.cert holds no certificate'],
    ['a certificate for a key', { 'x.cert': 'cert', 'x.key': 'cert' }, 'x.key holds no private key'],
    ['an encrypted key', { 'x.cert': 'cert', 'x.key': 'encrypted' }, 'x.key is encrypted'],
    ['the key of another', { 'x.cert': 'cert', 'x.key': 'other' }, 'x.key is not the key of x.cert'],
  ])('are told with their file: %s', async (name, content, message) => {
    const host = name.replaceAll(' ', '-')
    mkdirSync(join(folder, host))
    for (const [file, what] of Object.entries(content)) {
      writeFileSync(join(folder, host, file), what === '' ? '' : files[what])
    }
    await expect(hostCertificates({ directories: [folder] })(host)).rejects.toMatchObject({
      code: 'E_REG_CERTIFICATE',
      message: expect.stringContaining(message),
      hint: expect.any(String),
      data: { path: expect.stringContaining(join(folder, host)) },
    })
  })
})
