import { CooperageError, type SourceLocation } from '@cooperage/store'
import { remoteKind } from './remote-source.js'

const LENGTHS: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 }

/**
 * Checks `ADD --checksum`, which belongs to exactly one remote source.
 * @throws E_CHECKSUM_ALGO, E_CHECKSUM_FORMAT, E_DF_FLAG
 */
export function checkChecksum(checksum: string, sources: readonly string[], location: SourceLocation): void {
  const details = { location, data: { flag: 'checksum', value: checksum } }
  if (sources.length !== 1) {
    throw new CooperageError('E_DF_FLAG', "checksum can't be specified for multiple sources", details)
  }
  const kind = remoteKind(sources[0]!)
  if (kind === undefined) {
    throw new CooperageError('E_DF_FLAG', 'checksum requires HTTP(S) or Git sources', details)
  }
  // A checksum of a git source is a prefix of a commit, which only git can judge.
  if (kind === 'git') return
  const [, algorithm, encoded] = /^([a-z0-9]+(?:[.+_-][a-z0-9]+)*):([A-Za-z0-9=_-]+)$/.exec(checksum) ?? []
  if (algorithm === undefined || encoded === undefined) {
    throw new CooperageError('E_CHECKSUM_FORMAT', 'invalid checksum digest format', details)
  }
  const length = LENGTHS[algorithm]
  if (length === undefined)
    throw new CooperageError('E_CHECKSUM_ALGO', 'unsupported digest algorithm', details)
  if (encoded.length !== length) {
    throw new CooperageError('E_CHECKSUM_FORMAT', 'invalid checksum digest length', details)
  }
  if (!/^[a-f0-9]+$/.test(encoded)) {
    throw new CooperageError('E_CHECKSUM_FORMAT', 'invalid checksum digest format', details)
  }
}
