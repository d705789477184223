import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { findProgram } from '../registry/find-program.ts';

/** A network of its own: a node between a pod and the world, each in a namespace, joined by pairs of interfaces. */
export interface NetWorld extends AsyncDisposable {
  /** Runs a program in the node's namespace, and gives its output. */
  onNode(program: string, ...args: readonly string[]): string;
  /** Tries connections from a place, and gives `open`, or the code of the failure, for each. */
  connect(from: 'node' | 'pod', tries: readonly Try[]): readonly string[];
}

/** A connection to be tried. Somebody listens at every one of them in the world. */
export interface Try {
  readonly address: string;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
}

/** Listens at addresses and ports that stand in argv, says so, and lives until its input ends. */
const listener = `
const [addresses, ports] = JSON.parse(process.argv[1]);
const { createServer } = require('node:net');
const { createSocket } = require('node:dgram');
const ready = [];
for (const port of ports) {
  ready.push(new Promise((done) => createServer((socket) => socket.end()).listen(port, '::', done)));
  for (const address of addresses) {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.on('message', (text, from) => socket.send(text, from.port, from.address));
    ready.push(new Promise((done) => socket.bind(port, address, done)));
  }
}
Promise.all(ready).then(() => console.log('up'));
process.stdin.on('end', () => process.exit()).resume();
`;

const connector = `
const { connect } = require('node:net');
const { createSocket } = require('node:dgram');
const tries = JSON.parse(process.argv[1]);
Promise.all(tries.map(({ address, protocol, port }) => new Promise((done) => {
  const timer = setTimeout(done, 1500, 'silence');
  const end = (what) => { clearTimeout(timer); done(what); };
  if (protocol === 'tcp') {
    const socket = connect({ host: address, port }, () => { socket.destroy(); end('open'); });
    socket.on('error', ({ code }) => end(code));
  } else {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    socket.on('error', ({ code }) => end(code));
    socket.on('message', () => end('open'));
    socket.connect(port, address, () => socket.send('x', (error) => { if (error) end(error.code); }));
  }
}))).then((told) => { console.log(JSON.stringify(told)); process.exit(); });
`;

/**
 * Makes one. In the world are the addresses given, at whose ports somebody answers.
 *
 * @throws Error where namespaces cannot be made
 */
export async function openNetWorld(addresses: readonly string[], ports: readonly number[]): Promise<NetWorld> {
  const children: ChildProcess[] = [];
  const close = async (): Promise<void> => {
    for (const child of children) {
      child.stdin?.end();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
  };
  const namespace = async (script: string, ...args: readonly string[]): Promise<number> => {
    const child = spawn(findProgram('unshare') as string, ['--net', process.execPath, '-e', script, ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    children.push(child);
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    if (child.pid === undefined || child.exitCode !== null) throw new Error('no network namespace can be made here');
    return child.pid;
  };
  const idle = `console.log('up'); process.stdin.on('end', () => process.exit()).resume();`;
  const inside = (pid: number, ...command: readonly string[]): string =>
    execFileSync(findProgram('nsenter') as string, ['--net', '--target', String(pid), ...command], {
      timeout: 20_000,
    }).toString();
  try {
    const [node, pod, world] = [await namespace(idle), await namespace(idle), await namespace(idle)];
    const ip = (pid: number, text: string): string => inside(pid, 'ip', ...text.split(' '));
    for (const [name, other] of [
      ['pod', pod],
      ['world', world],
    ] as const) {
      ip(node, `link add ${name} type veth peer name node netns ${other}`);
      ip(node, `link set ${name} up`);
      ip(other, 'link set node up');
    }
    for (const pid of [node, pod, world]) ip(pid, 'link set lo up');
    const join = (pid: number, link: string, net: 0 | 1, host: number): void => {
      ip(pid, `addr add 198.18.${net}.${host}/24 dev ${link}`);
      ip(pid, `addr add fd12:${net}::${host}/64 dev ${link} nodad`);
    };
    join(node, 'pod', 0, 1);
    join(pod, 'node', 0, 2);
    join(node, 'world', 1, 1);
    join(world, 'node', 1, 3);
    inside(node, 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
    ip(pod, 'route add default via 198.18.0.1');
    ip(pod, '-6 route add default via fd12:0::1');
    ip(node, 'route add default via 198.18.1.3');
    ip(node, '-6 route add default via fd12:1::3');
    ip(world, 'route add 198.18.0.0/24 via 198.18.1.1');
    ip(world, '-6 route add fd12:0::/64 via fd12:1::1');
    for (const address of addresses) ip(world, `addr add ${address} dev lo${address.includes(':') ? ' nodad' : ''}`);
    const server = spawn(
      findProgram('nsenter') as string,
      ['--net', '--target', String(world), process.execPath, '-e', listener, JSON.stringify([addresses, ports])],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    children.unshift(server);
    await Promise.race([once(server.stdout, 'data'), once(server, 'exit')]);
    if (server.exitCode !== null) throw new Error('nobody could listen in the network namespace');
    return {
      onNode: (...command) => inside(node, ...command),
      connect: (from, tries) => {
        const place = from === 'node' ? node : pod;
        return JSON.parse(inside(place, process.execPath, '-e', connector, JSON.stringify(tries))) as string[];
      },
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
