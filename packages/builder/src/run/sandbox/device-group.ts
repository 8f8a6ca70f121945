import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cgroupName, type Hierarchy, hierarchies } from './cgroups.js'
import { deviceProgram } from './device-program.js'

/** A control group whose processes may open only the devices that every container has. */
export interface DeviceGroup {
  readonly directory: string
  /** eBPF that is to be attached to it, where the kernel has no files for that. */
  readonly program?: Uint8Array
}

/** As runc has it: numbers of the null, zero, full, random, urandom, tty and ptmx devices, net/tun, and terminals. */
const OPEN_DEVICES: readonly (readonly [major: number, minor: number | '*'])[] = [
  [1, 3],
  [1, 5],
  [1, 7],
  [1, 8],
  [1, 9],
  [5, 0],
  [5, 2],
  [10, 200],
  [136, '*'],
]

/** Makes such a group; undefined where this machine does not let us. Nodes may be made of every device. */
export function makeDeviceGroup(): DeviceGroup | undefined {
  const all = hierarchies({ withoutControllers: true })
  const place = all.find(({ controllers }) => controllers.includes('devices'))
  const unified = all.find(({ controllers }) => controllers.length === 0)
  return (place && listed(place)) ?? (unified && programmed(unified))
}

/** Version 1 has a list in files. */
function listed(place: Hierarchy): DeviceGroup | undefined {
  return attempt(place, (directory) => {
    writeFileSync(join(directory, 'devices.deny'), 'a')
    for (const rule of ['c *:* m', 'b *:* m', ...OPEN_DEVICES.map((numbers) => `c ${numbers.join(':')} rwm`)])
      writeFileSync(join(directory, 'devices.allow'), rule)
    return { directory }
  })
}

function programmed(place: Hierarchy): DeviceGroup | undefined {
  return attempt(place, (directory) => ({ directory, program: deviceProgram(OPEN_DEVICES) }))
}

function attempt(place: Hierarchy, make: (directory: string) => DeviceGroup): DeviceGroup | undefined {
  const directory = join(place.directory, cgroupName())
  try {
    mkdirSync(directory)
    return make(directory)
  } catch {
    // Not ours to change, or a kernel without it: then no device is opened at all.
    if (existsSync(directory)) rmdirSync(directory)
    return undefined
  }
}
