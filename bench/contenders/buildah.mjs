import { archive, contextOf, home } from './contender.mjs'

/**
 * buildah, the other builder without a daemon.
 * @param {import('../lib/rivals.mjs').Rivals['inside']} inside
 * @returns {import('./contender.mjs').Contender}
 */
export function buildah(inside) {
  const root = `${home}/buildah`
  const storage = `--storage-driver overlay --root ${root}/root --runroot ${root}/run`
  const script = `buildah ${storage} build --isolation chroot --layers -q -t bench "$1" &&
    buildah ${storage} push -q bench "docker-archive:$2:bench:latest"`
  return {
    name: 'buildah',
    shows: 'buildah build --layers -t bench CONTEXT && buildah push bench docker-archive:FILE',
    judged: false,
    once: true,
    inputs: ['many', 'big'],
    forget: [inside('sh', '-c', 'umount "$1/root/overlay" 2>/dev/null; rm -rf "$1"', 'sh', root)],
    build: (input) => inside('sh', '-c', script, 'sh', contextOf(input), archive),
  }
}
