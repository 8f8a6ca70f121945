import { execFileSync, spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { enterCommand } from './enter-program.js'
import { initProgram } from './init-program.js'
import { encodeRequest } from './operation.js'

const perl = spawnSync('perl', ['-v']).status === 0 ? 'perl' : undefined
if (perl === undefined) console.log('skipped: no perl')

describe.skipIf(perl === undefined)('the programs in perl', () => {
  it.each(['x64', 'arm64'] as const)(
    'compile for %s without a warning, and know every call by its number',
    (arch) => {
      const program = initProgram(arch, { mode: 'serve', builder: 1 })
      const { stderr } = spawnSync('perl', ['-wc', '-'], { input: program, encoding: 'utf8' })
      expect(stderr.trim()).toMatch(/^(- )?syntax OK$/)
      const called = new Set([...program.matchAll(/\bcall\('(\w+)'/g)].map(([, name]) => name!))
      const known = new Set(
        [...program.slice(0, program.indexOf('\n')).matchAll(/(\w+) => \d+/g)].map(([, name]) => name!),
      )
      expect([...called].filter((name) => !known.has(name))).toEqual([])
    },
  )

  it('need no module that Debian’s perl-base lacks', () => {
    expect(initProgram('x64', { mode: 'once', builder: 1 })).not.toMatch(/^\s*(use|require) (?!strict;)/m)
  })

  it('are asked for nothing that they do not know', () => {
    const program = initProgram('x64', { mode: 'once', builder: 1 })
    const verbs = new Set(
      [...program.matchAll(/^ {2}'?([a-z-]+)'? => (?:sub|\\&)/gm)].map(([, verb]) => verb),
    )
    for (const verb of ['mount', 'overlay', 'bind', 'attach', 'start', 'filter-if-possible', 'substitute']) {
      expect(verbs).toContain(verb)
    }
  })

  it('enter a mount namespace of their own, and pass arguments as they are', () => {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return
    const [command = '', ...args] = enterCommand({ perl: 'perl', arch: process.arch as 'x64', tools: {} })
    const script = 'readlink /proc/self/ns/mnt; mount -t tmpfs none /mnt; printf "%s" "$1"'
    try {
      const out = execFileSync(command, [...args, 'sh', '-c', script, 'sh', ' a\nb'], {
        encoding: 'utf8',
        stdio: 'pipe',
      })
      const [namespace, ...rest] = out.split('\n')
      expect(namespace).not.toBe(execFileSync('readlink', ['/proc/self/ns/mnt'], { encoding: 'utf8' }).trim())
      expect(rest.join('\n')).toBe(' a\nb')
    } catch (error) {
      // In a container without the right to it.
      if (!String(error).includes('not permitted')) throw error
      console.log('skipped: no namespaces here')
    }
  })
})

describe('a request', () => {
  it('is encoded with the length of everything before it', () => {
    const request = { first: [], keeper: [['mkdir', 'ü', '0700'] as const], container: [] }
    const bytes = Buffer.from(encodeRequest(request))
    expect(bytes.readUInt32BE(0)).toBe(bytes.length - 4)
    const items: string[] = []
    for (let at = 4; at < bytes.length; at += 4 + bytes.readUInt32BE(at)) {
      items.push(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at)).toString())
    }
    expect(items.join(' ')).toBe('section 1 first section 1 keeper mkdir 2 ü 0700 section 1 container')
  })
})
