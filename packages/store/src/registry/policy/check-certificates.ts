import { createPrivateKey, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { CooperageError } from '../../errors.js'

/**
 * A file of authorities has to begin with one: of what follows a damaged one nothing is read, and of a file without any
 * nobody would be told. @throws E_REG_CERTIFICATE
 */
export function checkAuthorities(path: string, text: string): void {
  const cause = failureOf(() => new X509Certificate(text))
  if (cause === undefined) return
  throw unusable(path, 'holds no certificate in PEM', {
    hint: 'a file that begins with -----BEGIN CERTIFICATE----- is PEM; openssl x509 -inform DER makes it of the other form',
    cause,
  })
}

/** A certificate of ours and its key, which are wrong before anything is sent. @throws E_REG_CERTIFICATE */
export function checkPair(folder: string, name: string, pair: { cert: string; key: string }): void {
  const { cert, key } = pair
  const noCertificate = failureOf(() => new X509Certificate(cert))
  if (noCertificate !== undefined) {
    throw unusable(join(folder, `${name}.cert`), 'holds no certificate in PEM', { cause: noCertificate })
  }
  const path = join(folder, `${name}.key`)
  const noKey = failureOf(() => createPrivateKey(key))
  if (noKey !== undefined) {
    if (!/^-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(key)) {
      throw unusable(path, 'holds no private key in PEM', { cause: noKey })
    }
    throw unusable(path, 'is encrypted, and nobody is asked for its passphrase', {
      hint: `keep the key without one, readable to you alone: openssl pkey -in ${name}.key`,
      cause: noKey,
    })
  }
  const noPair = failureOf(() => createSecureContext(pair))
  if (noPair !== undefined) {
    throw unusable(path, `is not the key of ${name}.cert beside it`, { cause: noPair })
  }
}

function failureOf(work: () => unknown): unknown {
  try {
    work()
    return undefined
  } catch (error) {
    return error
  }
}

function unusable(path: string, problem: string, why: { hint?: string; cause: unknown }): CooperageError {
  const { hint = 'a certificate for this machine is a pair of NAME.cert and NAME.key, both PEM', cause } = why
  return new CooperageError('E_REG_CERTIFICATE', `${path} ${problem}`, { hint, data: { path }, cause })
}
