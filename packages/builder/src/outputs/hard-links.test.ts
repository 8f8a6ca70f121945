import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FileNode } from '@cooperage/store'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { HardLinks } from './hard-links.js'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cooper-hard-links-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const at = (name: string) => join(root, name)
const node = { type: 'file' } as FileNode

async function written(links: HardLinks, name: string): Promise<void> {
  writeFileSync(at(name), 'ours')
  const file = await open(at(name))
  await links.wrote(node, at(name), file)
  await file.close()
}

it('a second name is a link to the first, which must be written', async () => {
  const links = new HardLinks([node, node])
  expect(await links.link(node, at('a'))).toBe(false)
  await written(links, 'a')
  expect(await links.link(node, at('b'))).toBe(true)
  expect(await links.link(node, at('c'))).toBe(true)
  expect(statSync(at('c')).nlink).toBe(3)
})

it('a file of one name is not remembered', async () => {
  const links = new HardLinks([node])
  await written(links, 'a')
  expect(await links.link(node, at('b'))).toBe(false)
})

it('what somebody put in the place of the first is not linked', async () => {
  const links = new HardLinks([node, node, node])
  await written(links, 'a')
  writeFileSync(at('foreign'), 'foreign')
  renameSync(at('foreign'), at('a'))
  expect(await links.link(node, at('b'))).toBe(false)
  expect(() => readFileSync(at('b'))).toThrow('ENOENT')
  rmSync(at('a'))
  expect(await links.link(node, at('b'))).toBe(false)
})
