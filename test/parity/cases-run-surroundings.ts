import type { ParityCase } from './parity-case.js'
import { runCase } from './run-case.js'

const TRY = (...commands: string[]) =>
  `RUN { ${commands.map((one) => `${one} && echo "${one.replace(/["$\\]/g, '')}: yes" || echo "${one.replace(/["$\\]/g, '')}: no"`).join('; ')}; } > /result 2> /dev/null`

/** The frontend in this Docker has it in its labs alone. */
const SECURITY = { parts: ['outcome'], why: '--security is for everybody since dockerfile 1.20' } as const

/** What a process finds around itself: network, names, devices, rights, limits, other processes. */
export const RUN_SURROUNDING_CASES: readonly ParityCase[] = [
  runCase(
    'network: none',
    `RUN --network=none cat /proc/net/dev | grep -o '^ *[a-z0-9]*:' | tr -d ' ' | grep -e lo -e eth > /x`,
  ),
  runCase(
    'network: none has a loopback that works',
    `RUN --network=none ping -c 1 -W 1 127.0.0.1 > /dev/null && echo up > /x`,
  ),
  runCase(
    'network: none leads nowhere',
    `RUN --network=none ip route > /x; ping -c 1 -W 1 192.0.2.1 2>&1 | tail -n 1 > /y; true`,
  ),
  runCase('network: default', `RUN --network=default true`),
  runCase('network: of another name', `RUN --network=other true`),
  runCase('network: a variable', `ARG N=none\nRUN --network=$N true`),
  runCase('network: twice', `RUN --network=none --network=none true`),
  runCase('network: empty', `RUN --network= true`),
  runCase('security: sandbox', `RUN --security=sandbox true`, { apart: SECURITY }),
  runCase('security: insecure is not granted', `RUN --security=insecure true`),
  runCase('security: of another name', `RUN --security=other true`),
  runCase('device', `RUN --device=vendor.com/device=x true`),
  runCase('hosts: what is in them', `RUN cat /etc/hosts > /x; ls -ln /etc/hosts | cut -c1-20 > /y`),
  runCase('hosts: names given', `RUN cat /etc/hosts > /x`, {
    args: ['--add-host', 'one:10.0.0.1', '--add-host', 'two=10.0.0.2', '--add-host', 'six:::1'],
  }),
  runCase('hosts: of no network', `RUN --network=none cat /etc/hosts > /x`),
  runCase('hosts: cannot be changed', `RUN echo x >> /etc/hosts || echo refused > /x`),
  runCase('hosts: cannot be removed', `RUN rm /etc/hosts || echo refused > /x`),
  runCase('hosts: a COPY stays', `COPY a /etc/hosts\nRUN cmp /etc/hosts /dev/null; touch /x`),
  runCase('resolv.conf: cannot be changed', `RUN echo x >> /etc/resolv.conf || echo refused > /x`),
  runCase('resolv.conf: rights', `RUN ls -ln /etc/resolv.conf | cut -c1-20 > /x`),
  runCase(
    'resolv.conf: a link',
    `RUN ls /etc/resolv.conf > /dev/null\nCOPY --from=busybox /etc/group /etc/keep\nRUN touch /x`,
  ),
  runCase(
    'hostname: changed by a step',
    `RUN hostname other || echo refused > /x\nRUN echo mine > /etc/hostname\nRUN cat /etc/hostname > /y; hostname > /z`,
  ),
  runCase('a file /etc/hosts is not left', `RUN touch /etc/x`),
  runCase('no /etc before', `FROM scratch\nCOPY --from=busybox /bin /bin\nRUN echo a > /x`),
  runCase(
    'no /etc before, and something in it',
    `FROM scratch\nCOPY --from=busybox /bin /bin\nRUN touch /etc/x; ls /etc > /y`,
  ),
  runCase(
    'no /proc, /sys, /dev, /tmp before',
    `FROM scratch\nCOPY --from=busybox /bin /bin\nRUN ls / > /x; ls -ld /proc /sys /dev | cut -c1-10 > /y`,
  ),
  runCase(
    '/dev',
    `RUN ls /dev | grep -v -e core -e console > /x; ls -l /dev/null /dev/zero /dev/full /dev/tty | cut -c1-10 > /y; for l in fd stdin stdout stderr ptmx; do readlink /dev/$l; done > /z`,
  ),
  runCase(
    '/dev: what is left there',
    `RUN touch /dev/left; mkdir /dev/dir; rm -f /dev/null; true\nRUN ls /dev/left /dev/dir; ls -l /dev/null | cut -c1-10 > /x`,
  ),
  runCase(
    '/dev/shm',
    `RUN stat -c "%a" /dev/shm > /x; echo a > /dev/shm/f && cat /dev/shm/f > /y\nRUN ls -A /dev/shm > /z`,
  ),
  runCase('/dev/shm: size', `RUN df -k /dev/shm | tail -n 1 | tr -s ' ' | cut -d' ' -f2 > /x`, {
    args: ['--shm-size', '16m'],
  }),
  runCase(
    '/dev/null and the others work',
    `RUN echo a > /dev/null; head -c 4 /dev/zero | od -c | head -n 1 > /x; echo a > /dev/full || echo full > /y; head -c 8 /dev/urandom | wc -c > /z; head -c 8 /dev/random | wc -c >> /z`,
  ),
  runCase(
    '/dev/fd',
    `RUN echo a | cat /dev/stdin > /x; echo b | cat /dev/fd/0 > /y; echo c > /dev/stdout; echo d > /dev/stderr`,
  ),
  runCase(
    '/dev/pts',
    `RUN ls -A /dev/pts > /x; stat -f -c %T /dev/pts > /y; test -c /dev/ptmx && echo yes > /z`,
  ),
  runCase('/dev/tty cannot be opened', `RUN echo a > /dev/tty || echo none > /x`),
  runCase(
    '/proc: what is masked',
    TRY(
      'cat /proc/kcore',
      'test -s /proc/keys',
      'test -s /proc/timer_list',
      'echo b > /proc/sysrq-trigger',
      'echo 1 > /proc/sys/vm/drop_caches',
      'echo x > /proc/sys/kernel/hostname',
      'ls /proc/1/fd',
    ),
  ),
  runCase(
    '/proc: of its own processes',
    `RUN echo $$ > /x; set -- /proc/[0-9]*; echo $# > /y; tr '\\0' ' ' < /proc/1/cmdline > /z`,
    { needs: 'runtime' },
  ),
  runCase(
    '/sys is read-only',
    TRY(
      'mkdir /sys/x',
      'touch /sys/x',
      'echo 1 > /sys/kernel/profiling',
      'ls /sys/kernel',
      'ls /sys/firmware/dmi',
    ),
  ),
  runCase('/sys/fs/cgroup', TRY('ls /sys/fs/cgroup', 'mkdir /sys/fs/cgroup/x', 'test -d /sys/fs/cgroup'), {
    needs: 'cgroups',
  }),
  runCase(
    'mounts are refused',
    TRY(
      'mount -t tmpfs t /mnt',
      'mount -t proc p /mnt',
      'mount --bind /etc /mnt',
      'mount -o remount,rw /',
      'umount /proc',
      'umount /dev/shm',
      'unshare -m true',
      'unshare -r true',
      'chroot / true',
    ),
  ),
  runCase(
    'what root may do',
    `${TRY('chown 1:2 /tmp', 'mknod /tmp/c c 1 3', 'mknod /tmp/b b 8 0', 'mknod /tmp/p p', 'chmod 4755 /tmp', 'kill -0 1', 'nice -n -5 true', 'date -s 2001-01-01', 'hostname x', 'ip link set lo down', 'swapoff -a', 'dmesg -c', 'chroot /')}; rm -rf /tmp/*; chown 0:0 /tmp; chmod 1777 /tmp`,
  ),
  runCase(
    'capabilities',
    `RUN grep ^Cap /proc/self/status > /x; grep -e ^NoNewPrivs -e ^Seccomp: /proc/self/status > /y`,
  ),
  runCase(
    'capabilities of files',
    `FROM debian\nRUN cp /bin/true /x && python3 -c 1 2> /dev/null; setcap cap_net_raw+ep /x 2> /dev/null || echo no setcap > /y`,
  ),
  runCase('limits of resources', `RUN ulimit -c > /x; ulimit -s >> /x; ulimit -t >> /x; ulimit -f >> /x`),
  runCase(
    'limits of resources given',
    `RUN ulimit -Sn > /x; ulimit -Hn >> /x; ulimit -u >> /x; ulimit -c >> /x`,
    { args: ['--ulimit', 'nofile=100:200', '--ulimit', 'nproc=5000', '--ulimit', 'core=0'] },
  ),
  runCase('standard input is empty', `RUN cat > /x; read line || echo end > /y; wc -c < /dev/stdin > /z`),
  runCase(
    'standard input is no terminal',
    `RUN test -t 0 && echo yes > /x || echo no > /x; readlink /proc/self/fd/0 | cut -c1-5 > /y`,
    { needs: 'runtime' },
  ),
  runCase(
    'open descriptors',
    `RUN ["/bin/ls", "/proc/self/fd"]\nRUN ["/bin/sh", "-c", "echo /proc/1/fd/* > /x"]`,
  ),
  runCase('the first process', `RUN echo $$ $PPID > /x; ps -o pid,ppid,comm | head -n 2 | tr -s ' ' > /y`),
  runCase('the first process of a list', `RUN ["/bin/sh", "-c", "echo $$ > /x; cat /proc/1/comm > /y"]`),
  runCase('session and group of the process', `RUN cut -d' ' -f 5,6,7 /proc/1/stat > /x`),
  runCase('signals that are ignored', `RUN grep -e ^SigIgn -e ^SigBlk /proc/1/status > /x`),
  runCase('background processes end', `RUN (sleep 2; echo late > /late) & echo now > /now`),
  runCase('background processes with the output', `RUN sleep 100 & echo now > /now`),
  runCase(
    'background processes that went away',
    `RUN (setsid sleep 100 > /dev/null 2>&1 &) ; nohup sleep 100 > /dev/null 2>&1 & echo now > /now`,
  ),
  runCase('zombies', `RUN (sleep 0 & exec sleep 0.2); sleep 0.1; echo done > /x`),
  runCase(
    'a daemon with a pid file',
    `RUN sleep 50 & echo $! > /pid; kill $(cat /pid) && wait; echo done > /x; rm /pid`,
  ),
  runCase(
    'no terminal to ask',
    `RUN (echo q > /dev/tty) 2> /dev/null || echo none > /x; stty size < /dev/console 2> /dev/null || echo none > /y`,
  ),
  runCase('the time of the machine', `RUN test $(date +%s) -gt 1750000000 && echo now > /x; date +%Z > /y`),
  runCase('the name of the system', `RUN uname -s > /x; uname -m >> /x; uname -n >> /x`),
  runCase(
    'root of the file system',
    `RUN stat -c "%a %u %g" / > /x; ls -id /.. | tr -d ' ' > /dev/null; cd /..; pwd > /y; stat -f -c %T / > /z`,
  ),
  runCase('the root directory changes', `RUN chmod 700 /\nRUN stat -c "%a %u %g" / > /x`),
  runCase(
    'what is mounted',
    `RUN cut -d' ' -f2,3 /proc/mounts | grep -v -e cgroup -e firmware -e /sys/ -e /etc/ -e acpi -e scsi -e interrupts | sort -u > /x`,
    { needs: 'runtime' },
  ),
  runCase(
    'options of what is mounted',
    `RUN grep -e ' /proc ' -e ' /sys ' -e ' /dev ' -e ' /dev/pts ' -e ' /dev/shm ' -e ' /dev/mqueue ' /proc/mounts | cut -d' ' -f2-4 | sed 's/,inode64//' > /x`,
    { needs: 'runtime' },
  ),
  runCase('output of much and of none', `RUN yes | head -c 300000; echo -n x; true`),
  runCase('output that is not text', `RUN head -c 1000 /bin/busybox; printf '\\033[31m\\000\\377'; true`),
  runCase('control characters in output', `RUN printf 'a\\rb\\bc\\007\\n'; echo x > /x`),
]
