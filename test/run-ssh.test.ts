import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { baseLayout } from './base-images.js'
import { hasTool } from './rival-tools.js'
import { runExecutor } from './run-executor.js'
import { workspace } from './workspace.js'

const space = workspace('run-ssh')
const base = baseLayout('debian-node', space)
const executor = await runExecutor(space)

/** Asks the agent of SSH_AUTH_SOCK for its keys, and prints their comments. */
const CLIENT = `
const { connect } = require('node:net')
const socket = connect(process.env.SSH_AUTH_SOCK, () => socket.write(Buffer.from([0, 0, 0, 1, 11])))
let answer = Buffer.alloc(0)
socket.on('error', (error) => { console.log('error', error.code); process.exit(0) })
socket.on('data', (chunk) => {
  answer = Buffer.concat([answer, chunk])
  if (answer.length < 4 || answer.length < 4 + answer.readUInt32BE(0)) return
  let at = 5
  const text = () => { const end = at + 4 + answer.readUInt32BE(at); const found = answer.subarray(at + 4, end); at = end; return found }
  const comments = []
  for (let left = (at += 4, answer.readUInt32BE(5)); left > 0; left--) { text(); comments.push(text().toString()) }
  console.log('keys', comments.join(' '))
  socket.end()
})
`

function answer(comment: string): Buffer {
  const text = (value: string) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(value.length)
    return Buffer.concat([length, Buffer.from(value)])
  }
  const body = Buffer.concat([Buffer.from([12, 0, 0, 0, 1]), text('a key'), text(comment)])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([length, body])
}

let agent: Server
beforeAll(async () => {
  agent = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', () => socket.write(answer('of-the-agent')))
  })
  await new Promise<void>((listening) => agent.listen(space.path('agent'), listening))
})
afterAll(() => agent.close())

let contexts = 0
async function said(dockerfile: string, args: readonly string[]) {
  const context = `c${contexts++}`
  space.folder(context, { Dockerfile: dockerfile, 'client.cjs': CLIENT })
  const run = await space.run([
    'build',
    '--progress=plain',
    '--build-context',
    `base=oci-layout://${base}`,
    ...args,
    context,
  ])
  const lines = [...run.stderr.matchAll(/^#\d+ \d+\.\d+ (.*)$/gm)].map(([, line]) => line!)
  return { ...run, lines }
}

const ASK = 'RUN --mount=target=/s --mount=type=ssh'

describe.skipIf(base === undefined || executor === undefined)('an SSH agent', () => {
  it('answers inside a step', async () => {
    const { lines } = await said(
      `FROM base
${ASK} node /s/client.cjs && stat -c '%a %u:%g' "$SSH_AUTH_SOCK" && echo $SSH_AUTH_SOCK
${ASK},id=other,target=/tmp/other.sock,uid=7,gid=8,mode=0640 node /s/client.cjs && stat -c '%a %u:%g' "$SSH_AUTH_SOCK" && echo $SSH_AUTH_SOCK
RUN test ! -e /run/buildkit && test ! -e /tmp/other.sock && echo gone
`,
      ['--ssh', `default=${space.path('agent')}`, '--ssh', `other=${space.path('agent')}`],
    )
    expect(lines).toEqual([
      'keys of-the-agent',
      '600 0:0',
      '/run/buildkit/ssh_agent.0',
      'keys of-the-agent',
      '640 7:8',
      '/tmp/other.sock',
      'gone',
    ])
  })

  it('is there for whoever may open it', async () => {
    const { lines } = await said(
      `FROM base\nUSER 7:8\n${ASK} node /s/client.cjs\n${ASK},uid=7 node /s/client.cjs\n`,
      ['--ssh', `default=${space.path('agent')}`],
    )
    expect(lines).toEqual(['error EACCES', 'keys of-the-agent'])
  })

  const hasOpenSsh = hasTool('ssh-agent') && hasTool('ssh-keygen')
  const key = (name: string, ...more: string[]) => {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-C', name, '-f', space.path(name), ...more])
    return space.path(name)
  }

  it.skipIf(!hasOpenSsh)('is made of the files of keys', async () => {
    const [one, two] = [key('one', '-N', ''), key('two', '-N', '')]
    const { lines, stderr } = await said(`FROM base\n${ASK} node /s/client.cjs\n`, [
      '--ssh',
      `default=${one},${two}`,
    ])
    expect(lines).toEqual(['keys one two'])
    expect(stderr).not.toContain(readFileSync(one, 'utf8').split('\n')[1])
    const locked = await said(`FROM base\n${ASK} true\n`, [
      '--ssh',
      `default=${key('locked', '-N', 'a passphrase')}`,
    ])
    expect(locked.stderr).toMatch(/^error\[E_SSH_KEY\]: the agent does not take the key /m)
  })

  it.skipIf(!hasOpenSsh)('is made of keys in a store whose path is longer than an address', async () => {
    const { lines, stderr } = await said(`FROM base\n${ASK} node /s/client.cjs\n`, [
      '--store',
      space.path('s'.repeat(100)),
      '--ssh',
      `default=${key('far', '-N', '')}`,
    ])
    expect([lines, stderr]).toEqual([['keys far'], expect.anything()])
  })

  it.skipIf(!hasOpenSsh)('with keys in it does not outlive a builder that is killed', async () => {
    space.folder('killed', { Dockerfile: `FROM base\n${ASK} echo ready; sleep 100\n` })
    const bin = fileURLToPath(new URL('../packages/cli/dist/bin.js', import.meta.url))
    const args = ['build', '--progress=plain', '--build-context', `base=oci-layout://${base}`]
    const ssh = ['--ssh', `default=${key('left', '-N', '')}`]
    const builder = spawn(process.execPath, [bin, ...args, ...ssh, 'killed'], {
      cwd: space.root,
      env: { PATH: process.env.PATH, HOME: space.root },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let output = ''
    for await (const chunk of builder.stderr) {
      output += String(chunk)
      if (/ ready$/m.test(output.replace(/^#\d+ \[.*$/gm, ''))) break
    }
    const agents = execFileSync('pgrep', ['-P', String(builder.pid), '-x', 'ssh-agent'], { encoding: 'utf8' })
    const pid = agents.trim()
    expect(pid).toMatch(/^\d+$/)
    builder.kill('SIGKILL')
    await once(builder, 'exit')
    const isAlive = () =>
      /^[^Z]/.test(spawnSync('ps', ['-o', 'stat=', '-p', pid], { encoding: 'utf8' }).stdout)
    for (let waited = 0; isAlive() && waited < 2000; waited += 20) await sleep(20)
    expect(isAlive()).toBe(false)
  })
})
