import { expect, it } from 'vitest'
import { proxyFor } from './proxy-for.js'

const P = 'http://proxy:3128'

it.each([
  ['http://a.example/x', { HTTP_PROXY: P }, 'http://proxy:3128/'],
  ['http://a.example/x', { http_proxy: 'proxy:3128' }, 'http://proxy:3128/'],
  ['http://a.example/x', { HTTPS_PROXY: P }, undefined],
  ['https://a.example/x', { HTTPS_PROXY: P }, 'http://proxy:3128/'],
  ['https://a.example/x', { https_proxy: '', HTTPS_PROXY: P }, 'http://proxy:3128/'],
  ['http://localhost/x', { HTTP_PROXY: P }, undefined],
  ['http://127.0.0.9:80/x', { HTTP_PROXY: P }, undefined],
  ['http://[::1]/x', { HTTP_PROXY: P }, undefined],
  ['http://a.example/', { HTTP_PROXY: P, NO_PROXY: '*' }, undefined],
  ['http://a.example/', { HTTP_PROXY: P, NO_PROXY: 'b.example, a.example' }, undefined],
  ['http://a.example/', { HTTP_PROXY: P, no_proxy: 'example' }, undefined],
  ['http://a.example/', { HTTP_PROXY: P, NO_PROXY: '.A.example' }, 'http://proxy:3128/'],
  ['http://b.a.example/', { HTTP_PROXY: P, NO_PROXY: '.a.example' }, undefined],
  ['http://ba.example/', { HTTP_PROXY: P, NO_PROXY: 'a.example' }, 'http://proxy:3128/'],
  ['http://a.example:81/', { HTTP_PROXY: P, NO_PROXY: 'a.example:80' }, 'http://proxy:3128/'],
  ['http://a.example/', { HTTP_PROXY: P, NO_PROXY: 'a.example:80' }, undefined],
  ['http://10.1.2.3/', { HTTP_PROXY: P, NO_PROXY: '10.0.0.0/8' }, undefined],
  ['http://11.1.2.3/', { HTTP_PROXY: P, NO_PROXY: '10.0.0.0/8,10.0.0.0/99' }, 'http://proxy:3128/'],
  ['http://10.1.2.3/', { HTTP_PROXY: P, NO_PROXY: '10.1.2.3' }, undefined],
  ['http://[fd00::1]/', { HTTP_PROXY: P, NO_PROXY: 'fd00::/8' }, undefined],
])('%s with %j goes through %s', (url, environment, proxy) => {
  expect(proxyFor(new URL(url), environment)?.href).toBe(proxy)
})

it.each(['socks5://me:canary@proxy:1', 'https://proxy'])('a proxy %s is refused', (proxy) => {
  const ask = () => proxyFor(new URL('http://a.example/'), { HTTP_PROXY: proxy })
  expect(ask).toThrow(expect.objectContaining({ kind: 'proxy' }))
  expect(ask).not.toThrow(/canary/)
})
