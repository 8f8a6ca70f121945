import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A key and its certificate, as PEM and as files. */
export interface Issued {
  readonly key: string
  readonly cert: string
  readonly keyFile: string
  readonly certFile: string
}

export interface IssueOptions {
  /** As of subjectAltName. Default `DNS:localhost,IP:127.0.0.1`. */
  readonly names?: string
  /** Valid for one day in 2020. */
  readonly isExpired?: boolean
}

/** A certificate authority of a test. */
export interface Authority extends Issued {
  issue(name: string, options?: IssueOptions): Issued
}

/** Makes an authority in a folder with openssl. */
export function makeAuthority(folder: string): Authority {
  mkdirSync(folder, { recursive: true })
  const openssl = (args: readonly string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const own = issuedAt(folder, 'ca', () => {
    const made = ['-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', 'ca.key', '-out', 'ca.crt']
    openssl(['req', '-x509', ...made, '-subj', '/CN=Cooperage test authority'])
  })
  writeFileSync(join(folder, 'index.txt'), '')
  writeFileSync(
    join(folder, 'ca.cnf'),
    '[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nnew_certs_dir=.\ndefault_md=sha256\npolicy=p\nrand_serial=yes\n' +
      'unique_subject=no\n[p]\ncommonName=supplied\n',
  )
  return {
    ...own,
    issue(name, { names = 'DNS:localhost,IP:127.0.0.1', isExpired = false } = {}) {
      return issuedAt(folder, name, () => {
        openssl([
          'req',
          '-newkey',
          'rsa:2048',
          '-nodes',
          '-keyout',
          `${name}.key`,
          '-out',
          `${name}.csr`,
          '-subj',
          `/CN=${name}`,
        ])
        writeFileSync(join(folder, `${name}.ext`), `subjectAltName=${names}\n`)
        const time = isExpired
          ? ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z']
          : ['-days', '2']
        const by = ['-config', 'ca.cnf', '-cert', 'ca.crt', '-keyfile', 'ca.key', '-extfile', `${name}.ext`]
        openssl(['ca', '-batch', '-notext', ...by, ...time, '-in', `${name}.csr`, '-out', `${name}.crt`])
      })
    },
  }
}

function issuedAt(folder: string, name: string, make: () => void): Issued {
  make()
  const [keyFile, certFile] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)]
  return { keyFile, certFile, key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certFile, 'utf8') }
}
