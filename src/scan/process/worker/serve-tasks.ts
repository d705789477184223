import { encodeParts } from '../channel/parts.ts';
import { channelSource } from '../channel/channel-source.ts';
import { Peer } from '../channel/peer.ts';
import type { Question } from '../channel/question.ts';
import type { Duplex } from 'node:stream';
import { encodeBill } from './encode-bill.ts';
import { JudgeSession } from './judge-session.ts';
import { lookUp } from './look-up.ts';
import { scanImage } from './scan-image.ts';
import type { WorkerTask } from './tasks.ts';

/** Does what is asked for, one task after another, over the channel that whoever started this opened. */
export function serveTasks(stream: Duplex): void {
  let session: JudgeSession | undefined;
  const peer = new Peer(stream, (question, signal) => answer(question as unknown as WorkerTask, signal));

  async function askInventory(signal: AbortSignal): Promise<Buffer> {
    const packed: Buffer[] = [];
    for await (const chunk of peer.ask({ kind: 'inventory' } satisfies Question, signal)) packed.push(chunk);
    return Buffer.concat(packed);
  }

  async function* answer(task: WorkerTask, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    switch (task.kind) {
      case 'ready':
        yield* encodeParts(null);
        return;
      case 'scan':
        yield* scanImage(task, channelSource(peer), signal);
        return;
      case 'open-judge':
        session?.[Symbol.dispose]();
        session = new JudgeSession(task.database);
        yield* encodeParts({ builtAt: session.builtAt });
        return;
      case 'judge':
      case 'assemble':
        if (session === undefined) throw new TypeError('nothing is being judged');
        yield* task.kind === 'judge' ? session.judge(task) : session.assemble(task);
        return;
      case 'bill':
        yield await encodeBill(await askInventory(signal), task);
        return;
      case 'look-up':
        yield* lookUp(await askInventory(signal), task, new Date());
    }
  }
}
