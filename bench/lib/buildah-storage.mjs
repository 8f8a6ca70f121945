/** @typedef {import('./measure.mjs').Command} Command */

/**
 * A store of buildah's own in a place.
 * @param {import('./place.mjs').Place} place
 * @returns {{ flags: string[], transport: string, forget: Command }} flags: that name it to buildah; transport: what
 *   skopeo puts before the name of an image in it; forget: the command that empties it
 */
export function buildahStorage({ seen, rivals }) {
  const root = `${seen}/buildah`
  // A build that fails leaves what it has mounted.
  const empty = 'umount "$1"/root/overlay/*/merged "$1/root/overlay" 2>/dev/null; rm -rf "$1"'
  return {
    transport: `containers-storage:[overlay@${root}/root+${root}/run]`,
    flags: ['--storage-driver', 'overlay', '--root', `${root}/root`, '--runroot', `${root}/run`],
    forget: rivals().inside('sh', '-c', empty, 'sh', root),
  }
}
