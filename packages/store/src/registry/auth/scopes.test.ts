import { expect, it } from 'vitest'
import { mergeScopes } from './scopes.js'

it.each([
  [['repository:a:pull'], ['repository:a:pull']],
  [['repository:a:pull', 'repository:a:pull,push'], ['repository:a:pull,push']],
  [
    ['repository:b:pull', 'repository:a:push', 'repository:b:pull'],
    ['repository:b:pull', 'repository:a:push'],
  ],
  [['repository:host:5000/a:pull', 'repository:host:5000/a:push'], ['repository:host:5000/a:pull,push']],
  [
    ['registry:catalog:*', 'aws'],
    ['registry:catalog:*', 'aws'],
  ],
  [['a:b', 'a:b'], ['a:b']],
])('%j becomes %j', (scopes, merged) => {
  expect(mergeScopes(scopes)).toEqual(merged)
})
