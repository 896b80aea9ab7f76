import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Running } from './processes.ts';

/** The machine on which readers of our pages sit, and another one in its network, which they know by a name, too. */
export const here = '10.0.0.7';
export const there = '10.0.0.5';

/*
 * Namespaces, which need no root: a network with two machines, each with its own ports, and a file system that is the
 * real one but for a writable /etc/serf and /var/lib/serf, and names of its own.
 */
const makeMachines = `
set -e
mkdir -p "$1/real-etc" "$1/etc"
mount --bind /etc "$1/real-etc"
mount -t tmpfs none "$1/etc"
for each in "$1"/real-etc/*; do ln -s "$each" "$1/etc/"; done
rm -f "$1/etc/hosts" "$1/etc/serf"
printf '127.0.0.1 localhost\\n${there} seed.example.com\\n' >"$1/etc/hosts"
mkdir "$1/etc/serf"
mount --bind "$1/etc" /etc
mount -t tmpfs none /var/lib
mkdir /var/lib/serf

ip link set lo up
ip link add lan0 type veth peer name lan1
ip addr add ${here}/24 dev lan0
unshare --net sh -c 'ip link set lo up; echo machine; exec cat' <&3 >"$1/there" &
while ! [ -s "$1/there" ]; do kill -0 $!; sleep 0.05; done
ip link set lan1 netns $!
nsenter --net --target $! sh -c 'ip addr add ${there}/24 dev lan1; ip link set lan1 up; ip route add default dev lan1'
ip link set lan0 up
ip route add default dev lan0
echo "there is $!"
exec cat >/dev/null
`;

/** Two machines of their own, in which every port and path that a page prints is free. */
export class Lab {
  readonly #holder: Running;
  readonly #folder: string;
  readonly #there: string;
  readonly #started: Running[] = [];

  /** `folder` is an empty one, which stays the caller's. */
  static async start(folder: string): Promise<Lab> {
    mkdirSync(join(folder, 'lab'));
    const script = `exec 3<&0; ${makeMachines}`;
    const holder = new Running(
      'unshare',
      [
        '--user',
        '--map-root-user',
        '--net',
        '--mount',
        'sh',
        '-c',
        script,
        'sh',
        join(folder, 'lab'),
      ],
      {},
      'pipe',
    );
    const [, there = ''] = await holder.printed(/there is (\d+)/);
    return new Lab(holder, folder, there);
  }

  private constructor(holder: Running, folder: string, there: string) {
    this.#holder = holder;
    this.#folder = folder;
    this.#there = there;
  }

  /** Starts a program in the lab's folder on one of its machines. */
  start(
    machine: typeof here | typeof there,
    command: readonly string[],
    environment = {},
  ): Running {
    const target = machine === here ? this.#holder.pid : this.#there;
    const enter = ['--user', '--mount', '--preserve-credentials', `--target=${this.#holder.pid}`];
    const running = new Running(
      'nsenter',
      [
        ...[...enter, `--net=/proc/${target}/ns/net`, `--wd=${this.#folder}`],
        ...['setsid', ...command],
      ],
      environment,
      'pipe',
    );
    this.#started.push(running);
    return running;
  }

  /** Ends both machines, and all that was started in them, whoever started it. */
  async end(): Promise<void> {
    for (const { pid } of this.#started) killGroup(pid);
    this.#holder.child.stdin?.end();
    await this.#holder.kill();
  }
}

function killGroup(leader: number): void {
  try {
    process.kill(-leader, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
