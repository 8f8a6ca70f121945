import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { storeOf, workspace } from './workspace.js'

const { root, path, folder, run } = workspace('print')

const FILES = {
  '.dockerignore': 'node_modules\n# logs\n*.log\n',
  Dockerfile: 'FROM scratch\nCOPY . /\n',
  'src/main.js': 'x'.repeat(1500),
  'node_modules/p/index.js': '12345',
  'a.log': '123',
}

describe('cooper build --print=context', () => {
  test('lists what is sent with sizes, then what is not with the line that says so', async () => {
    folder('text', FILES)
    const { code, stdout, stderr } = await run(['build', '--print=context', 'text'])
    expect(stderr).toBe('')
    expect(stdout).toBe(
      [
        '     26B  .dockerignore',
        '     22B  Dockerfile',
        '          src/',
        '   1.5kB  src/main.js',
        '',
        'a.log  ignored by .dockerignore:3 "*.log"',
        'node_modules/  ignored by .dockerignore:1 "node_modules"',
        '',
        'sent: 3 files, 1.55kB',
        'ignored: 1 file, 3B, not counting what 1 directory holds',
        '',
      ].join('\n'),
    )
    expect(code).toBe(0)
    expect(existsSync(storeOf(root))).toBe(false)
  })

  test('lists what a build of the same line puts into an image', async () => {
    folder('same', { ...FILES, 'deep/.gitignore': 'x', '.gitignore': 'deep/\n' })
    const line = ['build', '--ignore-from=.gitignore', 'same']
    const listed = JSON.parse((await run([...line, '--print=context,format=json'])).stdout)
    await run([...line, '-o', 'type=tar,dest=same.tar'])
    const names = execFileSync('tar', ['-tf', path('same.tar')], { encoding: 'utf8' })
    expect(listed.entries.map((entry: { path: string }) => entry.path)).toEqual(
      names.trim().split('\n').sort(),
    )
    expect(listed.ignored[1]).toEqual({
      path: 'deep/',
      size: 0,
      file: '.gitignore',
      line: 1,
      pattern: 'deep/',
    })
  })

  test('goes into ignored directories when asked to', async () => {
    folder('whole', FILES)
    const { stdout } = await run(['build', '--print=context,ignored=all', 'whole'])
    expect(stdout).toContain('\nnode_modules/p/index.js  ignored by .dockerignore:1 "node_modules"\n')
    expect(stdout).toContain('\nignored: 2 files, 8B\n')
  })

  test('gives JSON with modes and totals', async () => {
    folder('json', { Dockerfile: 'FROM scratch\n', a: '12', '.dockerignore': 'a\n' })
    execFileSync('chmod', ['640', path('json/Dockerfile')])
    const { stdout } = await run(['build', '--print', 'context,format=json', 'json'])
    expect(JSON.parse(stdout)).toEqual({
      entries: [
        { path: '.dockerignore', type: 'file', size: 2, mode: expect.stringMatching(/^0[0-7]{3}$/) },
        { path: 'Dockerfile', type: 'file', size: 13, mode: '0640' },
      ],
      ignored: [{ path: 'a', size: 2, file: '.dockerignore', line: 1, pattern: 'a' }],
      totals: {
        sent: { files: 2, bytes: 15 },
        ignored: { files: 1, bytes: 2, unreadDirectories: 0 },
      },
      warnings: [],
    })
  })

  test('takes the ignore file beside the Dockerfile of -f, in the context and outside of it', async () => {
    folder('beside', {
      ...FILES,
      'app.Dockerfile': 'FROM scratch\n',
      'app.Dockerfile.dockerignore': '*\n!src\n',
    })
    folder('else', { Dockerfile: 'FROM scratch\n', 'Dockerfile.dockerignore': 'src\n' })
    const inside = await run(['build', '--print=context', '-f', 'beside/app.Dockerfile', 'beside'])
    expect(inside.stdout).toContain('node_modules/  ignored by app.Dockerfile.dockerignore:1 "*"\n')
    const outside = await run(['build', '--print=context', '-f', 'else/Dockerfile', 'beside'])
    expect(outside.stdout).toContain('src/  ignored by else/Dockerfile.dockerignore:1 "src"\n')
    const missing = await run(['build', '--print=context', '-f', 'beside/none', 'beside'])
    expect([missing.code, missing.stdout]).toEqual([1, ''])
    expect(missing.stderr).toContain('E_DF_MISSING')
  })

  test('lets no name reach the terminal as a command, in text or JSON', async () => {
    const evil = 'a\x1b[2J\n\u009b\u202eb'
    folder('evil', { [evil]: '', [`${evil}.log`]: '', '.dockerignore': '*.log\n' })
    const text = await run(['build', '--print=context', 'evil'])
    expect(text.stdout).toContain('  a\\x1b[2J\\n\\x9b\\u202eb\n')
    expect(text.stdout).toContain('\na\\x1b[2J\\n\\x9b\\u202eb.log  ignored by')
    const json = await run(['build', '--print=context,format=json', 'evil'])
    expect(text.stdout + json.stdout).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
    expect(JSON.parse(json.stdout).entries[1].path).toBe(evil)
  })

  test('notes what an image cannot hold', async () => {
    execFileSync('mkfifo', [`${folder('fifo', { Dockerfile: '' })}/pipe`])
    const { stderr, stdout } = await run(['build', '--print=context', 'fifo'])
    expect(stderr).toBe('note: pipe is left out: an image cannot hold a fifo\n')
    expect(stdout).not.toContain('pipe')
  })

  test('lists an archive from stdin and leaves nothing behind', async () => {
    folder('tarred', FILES)
    const stdin = execFileSync('tar', ['-c', '-C', path('tarred'), '.'])
    folder('tmp', {})
    const env = { TMPDIR: path('tmp') }
    const { stdout } = await run(['build', '--print=context', '-'], { stdin, env })
    expect(stdout).toContain('node_modules/p/index.js\n')
    expect(stdout).toContain('\nignored: 0 files, 0B\n')
    expect(readdirSync(path('tmp'))).toEqual([])
  })

  test('lists the context of each build of the line', async () => {
    folder('several/a', { Dockerfile: '', one: '1' })
    folder('several/b', { Dockerfile: '', two: '2' })
    const { stdout, stderr } = await run(['build', '--print=context', 'several/*/'])
    expect(stderr).toBe('context of a\ncontext of b\n')
    expect(stdout).toMatch(/one\n.*two\n/s)
  })
})

test('--print of anything but the context is refused, and --call is named', async () => {
  const { code, stderr } = await run(['build', '--print=outline', '.'])
  expect(code).toBe(1)
  expect(stderr).toContain('--call')
})
