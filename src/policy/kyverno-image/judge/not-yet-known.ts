import { LangError } from '../../../lang/error.ts';

/** Thrown where an expression asks for what nobody looked up yet. It never leaves the policy. */
export class NotYetKnown extends LangError {
  constructor(what: string) {
    super('EVALUATION', `${what} is not known yet`);
  }
}
