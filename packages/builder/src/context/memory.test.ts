import { isCooperageError } from '@cooperage/store'
import { describe, expect, it } from 'vitest'
import { memory } from './memory.js'

const codeOf = async (action: () => unknown): Promise<unknown> => {
  try {
    await action()
  } catch (error) {
    return isCooperageError(error) ? error.code : error
  }
  return undefined
}

describe('a context of values', () => {
  it('holds files with their directories', async () => {
    const context = await memory({
      Dockerfile: 'FROM scratch',
      'bin/é': { content: Uint8Array.of(1, 2), mode: 0o755, mtime: 5 },
    }).load()
    const bin = context.tree.children.get('bin')
    expect([...context.tree.children.keys()]).toEqual(['Dockerfile', 'bin'])
    expect(bin?.type === 'directory' && [...bin.children]).toEqual([
      [
        'Ã©',
        {
          type: 'file',
          meta: { mode: 0o755, uid: 0, gid: 0, mtime: 5 },
          size: 2,
          content: { kind: 'bytes', bytes: Uint8Array.of(1, 2) },
        },
      ],
    ])
    expect([context.files, context.bytes]).toEqual([2, 14])
    expect(Buffer.from((await context.readFile('./Dockerfile'))!).toString()).toBe('FROM scratch')
    expect(await context.readFile('none')).toBeUndefined()
    expect(await codeOf(() => context.readFile('bin'))).toBe('E_CTX_NOT_FILE')
  })

  it('honours ignore files, and one that is given', async () => {
    const source = memory({ '.dockerignore': 'a\n', 'x.dockerignore': 'b\n', x: '', a: '', b: '' })
    const names = async (options: Parameters<typeof source.load>[0]) =>
      [...(await source.load(options)).tree.children.keys()].join(' ')
    expect(await names({})).toBe('.dockerignore b x x.dockerignore')
    expect(await names({ dockerfile: 'x' })).toBe('.dockerignore a x x.dockerignore')
    expect(await names({ dockerfile: 'x', ignore: { file: 'given', text: '*\n!x\n' } })).toBe('x')
  })

  it('refuses paths that name no file of their own', async () => {
    expect(await codeOf(() => memory({ '/': '' }))).toBe('E_CTX_PATH')
    expect(await codeOf(() => memory({ a: '', 'a/b': '' }))).toBe('E_CTX_PATH')
    expect(await codeOf(() => memory({ 'a/b': '', a: '' }))).toBe('E_CTX_PATH')
  })
})
