import { type ByteString, CooperageError } from '@cooperage/store'

/** The kernel's own file systems while a container runs: what an image has there is hidden, or leads elsewhere. */
const OF_THE_KERNEL = new Set(['proc', 'sys', 'dev'])

/** @throws E_WORKDIR_FORBIDDEN for a working directory whose names begin with one of them */
export function refuseKernel(names: readonly ByteString[], path: string): void {
  const [first] = names
  if (first === undefined || !OF_THE_KERNEL.has(first)) return
  throw new CooperageError(
    'E_WORKDIR_FORBIDDEN',
    `the working directory cannot be ${path}: it lies in /${first}`,
    {
      hint: 'choose a directory outside of /proc, /sys and /dev',
      data: { path },
    },
  )
}
