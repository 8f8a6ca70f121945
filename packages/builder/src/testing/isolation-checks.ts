import assert from 'node:assert/strict'
import { readlinkSync, statSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import type { ContainerMount } from '../run/sandbox/container.js'
import { type ExecutorChecks, NO_ISOLATION, NotPromised } from './executor-check.js'
import { rejectsWith } from './rejects-with.js'

/** What a container sees of the machine, and what it does not. */
export const ISOLATION_CHECKS: ExecutorChecks = {
  'the devices that every program expects are there and work': async (bench) => {
    const script = `
      echo gone >/dev/null
      head -c 4 /dev/zero | od -An -tx1
      head -c 8 /dev/urandom | wc -c
      head -c 8 /dev/random | wc -c
      (echo x >/dev/full) 2>/dev/null || echo full
      [ -c /dev/null ] && stat -c %a /dev/null`
    const { stdout } = await bench.run(script)
    assert.equal(stdout.replace(/ +/g, ' '), ' 00 00 00 00\n8\n8\nfull\n666\n')
  },
  '/dev has its links, its terminals, its shared memory and its queues': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    const script = `
      for x in fd stdin stdout stderr ptmx; do readlink /dev/$x; done
      stat -f -c %T /dev; stat -c %a /dev/shm; stat -c %a /dev/pts/ptmx
      grep -E ' /dev/(pts|shm|mqueue) ' /proc/mounts | cut -d' ' -f2,3
      df -k /dev/shm | tail -1 | awk '{print $2}'`
    const { stdout } = await bench.run(script, { limits: { ulimits: [], shmSize: 3 << 20 } })
    assert.deepEqual(stdout.trim().split('\n'), [
      '/proc/self/fd',
      '/proc/self/fd/0',
      '/proc/self/fd/1',
      '/proc/self/fd/2',
      'pts/ptmx',
      'tmpfs',
      '1777',
      '666',
      '/dev/pts devpts',
      '/dev/shm tmpfs',
      '/dev/mqueue mqueue',
      '3072',
    ])
  },
  'a disk of the machine cannot be opened by a node made for it': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    // 1:0 is the first RAM disk, 254:0 and 259:0 are first disks; 1:1 is the memory.
    const script = `
      for node in "b 8 0" "b 254 0" "b 259 0" "c 1 1" "b $DISK"; do
        for place in /srv /dev /tmp /dev/shm /bound /ram; do
          rm -f $place/node
          mknod $place/node $node 2>/dev/null && head -c 1 $place/node >/dev/null 2>/tmp/why && echo "opened $node in $place"
          [ -s /tmp/why ] && grep -v -e denied -e permitted /tmp/why
        done
      done; true`
    const { dev } = statSync(bench.directory)
    const env = [
      'PATH=/bin',
      'HOME=/',
      `DISK=${(dev >> 8) & 0xfff} ${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`,
    ]
    const mounts: ContainerMount[] = [
      { kind: 'bind', source: await bench.folder('bind'), target: '/bound', readOnly: false },
      { kind: 'tmpfs', target: '/ram' },
    ]
    assert.equal((await bench.run(script, { env, mounts })).stdout, '')
  },
  'a node can be opened in a mount if it can be elsewhere': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    const mounts: ContainerMount[] = [
      { kind: 'bind', source: await bench.folder('bind'), target: '/bound', readOnly: false },
      { kind: 'tmpfs', target: '/ram' },
    ]
    const script =
      'for d in /srv /bound /ram; do mknod $d/z c 1 5 && head -c 1 $d/z > /ram/out && echo opened || echo refused; done'
    const [first, ...others] = (await bench.run(script, { mounts })).stdout.trim().split('\n')
    assert.deepEqual(others, [first, first])
  },
  'the process is the first of its namespace, and sees no other': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    const { stdout } = await bench.run('echo $$; echo /proc/[0-9]*')
    assert.match(stdout, /^1\n\/proc\/1( \/proc\/\d+)?\n$/)
  },
  'what would tell of the machine is hidden': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    const script = `
      for x in kcore keys latency_stats timer_list sched_debug interrupts; do cat /proc/$x 2>/dev/null | head -c 10; done
      ls /sys/firmware /proc/acpi /proc/scsi /proc/asound 2>/dev/null | grep -v :`
    assert.equal((await bench.run(script)).stdout.trim(), '')
  },
  'what would change the machine is read-only': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    const script = `
      for x in /proc/sys/kernel/domainname /proc/sysrq-trigger /proc/irq/default_smp_affinity /sys/kernel/profiling; do
        [ -e $x ] && (: >>$x) 2>/dev/null && echo "$x can be written"
      done
      mkdir /sys/fs/cgroup/x /sys/fs/cgroup/*/x 2>/dev/null && echo "a control group was made"; true`
    assert.equal((await bench.run(script)).stdout, '')
  },
  'the host name is the one given, and stays': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    const { stdout } = await bench.run('hostname; hostname other 2>/dev/null || echo kept', {
      hostname: 'a-name',
    })
    assert.equal(stdout, 'a-name\nkept\n')
  },
  'nothing can be mounted or unmounted, and no namespace made': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    const script = `
      mkdir -p /m
      mount -t tmpfs none /m 2>/dev/null && echo mounted
      mount -o bind / /m 2>/dev/null && echo bound
      umount /proc 2>/dev/null && echo unmounted
      mount -o remount,rw /sys 2>/dev/null && echo remounted
      unshare -m true 2>/dev/null && echo unshared
      unshare -Ur true 2>/dev/null && echo unshared; true`
    assert.equal((await bench.run(script)).stdout, '')
  },
  'a changed root inside the container leads nowhere else': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    const script =
      'mkdir -p /jail && cp /bin/busybox /jail && chroot /jail /busybox ls / && ls -d /proc/1/root/bin /../../bin'
    const { stdout, exitCode } = await bench.run(script)
    assert.deepEqual([exitCode, stdout], [0, 'busybox\n/../../bin\n/proc/1/root/bin\n'])
  },
  'mounts of the machine do not show': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    const { stdout } = await bench.run('cat /proc/self/mountinfo')
    const targets = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[4] ?? '')
    assert.deepEqual(
      targets.filter((target) => !/^\/($|dev|proc|sys)/.test(target)),
      [],
    )
  },
  'without a network there is the loopback, and it works': async (bench) => {
    if (!bench.isolates) {
      await rejectsWith('E_SANDBOX', () => bench.run('true', { network: 'none' }))
      throw new NotPromised(NO_ISOLATION)
    }
    const script = `
      ls /sys/class/net; cat /proc/net/route | tail -n +2; ping -c 1 -W 2 127.0.0.1 >/dev/null && echo loops`
    assert.equal((await bench.run(script, { network: 'none' })).stdout, 'lo\nloops\n')
  },
  'a server of this machine is reached on its network, and not without one': async (bench) => {
    const server = createServer((socket) => socket.end('hello\n')).listen(0, '127.0.0.1')
    try {
      await new Promise((resolve) => server.once('listening', resolve))
      const { port } = server.address() as AddressInfo
      const ask = `nc 127.0.0.1 ${port} </dev/null 2>/dev/null || echo nothing`
      assert.equal((await bench.run(ask, { network: 'host' })).stdout, 'hello\n')
      assert.equal((await bench.run(ask, { network: 'default' })).stdout, 'hello\n')
      if (bench.isolates) assert.equal((await bench.run(ask, { network: 'none' })).stdout, 'nothing\n')
    } finally {
      server.close()
    }
  },
  'its namespaces are none of this process’s, but for users and the network': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    const names = ['ipc', 'uts', 'mnt', 'pid', 'cgroup']
    const { stdout } = await bench.run(
      `for name in ${names.join(' ')}; do readlink /proc/self/ns/$name; done`,
    )
    const ours = names.map((name) => readlinkSync(`/proc/self/ns/${name}`))
    const theirs = stdout.trim().split('\n')
    assert.equal(theirs.length, names.length)
    assert.deepEqual(
      theirs.filter((name) => ours.includes(name)),
      [],
    )
  },
  'containers that run at once do not see one another': async (bench) => {
    if (!bench.isolates) throw new NotPromised(NO_ISOLATION)
    const script = (name: string): string =>
      `hostname; echo ${name} >/tmp/mine; sleep 0.3; cat /tmp/*; ls -d /proc/[0-9]* | wc -l`
    const names = ['one', 'two', 'three', 'four']
    const results = await Promise.all(names.map((name) => bench.run(script(name), { hostname: name })))
    for (const [index, { stdout }] of results.entries()) {
      assert.match(stdout, new RegExp(`^${names[index]}\\n${names[index]}\\n[1-4]\\n$`))
    }
  },
}
