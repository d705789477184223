import { type EndingSignal, signalStatus } from '../exit-code.ts';

/** What of the process is needed. */
export interface ListeningProcess {
  on(name: EndingSignal, listener: () => void): unknown;
  listenerCount(name: EndingSignal): number;
  exit(status: number): void;
}

/** Ends the process at signals as any other would end by itself, while nobody else listens for them; as the launcher of the package does. */
export function listenEarly(self: ListeningProcess): void {
  for (const [name, status] of Object.entries(signalStatus) as [EndingSignal, number][]) {
    self.on(name, () => {
      if (self.listenerCount(name) === 1) self.exit(status);
    });
  }
}
