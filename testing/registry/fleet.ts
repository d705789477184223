import { type Life, startLife } from './kill-world.ts';
import type { SharedPlace } from './kill-child.ts';
import type { Dice } from './model/dice.ts';

/** Processes that serve one registry, as behind a load balancer that does not know yet which of them are gone. */
export class Fleet implements AsyncDisposable {
  readonly #place: string;
  readonly #dice: Dice;
  readonly #lives: Life[] = [];
  #ahead = 0;

  constructor(place: SharedPlace, dice: Dice) {
    this.#place = JSON.stringify(place);
    this.#dice = dice;
  }

  /** Starts so many. */
  async start(count: number): Promise<void> {
    while (this.#lives.length < count) this.#lives.push(await this.#begin());
  }

  /** Asks any of them; undefined when it is gone, or goes before it answers. */
  readonly ask: Life['ask'] = (...request) => this.#dice.pick(this.#lives).ask(...request);

  /** Asks one of them. */
  at(index: number): Life {
    return this.#lives[index] as Life;
  }

  /** Asks each of them. */
  async askAll(...request: Parameters<Life['ask']>): Promise<void> {
    for (const life of this.#lives) await life.ask(...request);
  }

  /** Moves the clocks of all of them ahead. */
  async setClock(ahead: number): Promise<void> {
    this.#ahead = ahead;
    await this.askAll('GET', `/clock?ahead=${ahead}`);
  }

  /** Kills one, or waits until it killed itself at a step, and starts another in its place. */
  async replace(index: number): Promise<void> {
    await this.at(index).kill();
    this.#lives[index] = await this.#begin();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const life of this.#lives) await life.kill();
  }

  async #begin(): Promise<Life> {
    const life = await startLife('', 'kill-child.ts', this.#place);
    await life.ask('GET', `/clock?ahead=${this.#ahead}`);
    return life;
  }
}
