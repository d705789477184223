import { type Authority, isWithin } from '../trust/trust-material.ts';
import { buildChain, type ChainRequest } from './build-chain.ts';
import type { Certificate } from './certificate.ts';
import { type ChainFailure, formatTime } from './chain-rules.ts';

/** A chain that holds, and the authority that it ends at. */
export interface VerifiedChain {
  /** From the leaf to the authority's anchor. */
  readonly certificates: readonly Certificate[];
  readonly authority: Authority;
}

/** What a chain is wanted for, whichever authority it ends at. */
export interface AuthoritiesRequest extends Omit<ChainRequest, 'authority'> {
  readonly authorities: readonly Authority[];
}

/** The first authority to which a chain holds at all times, all of them within the authority's window; else why not. */
export function findChain(
  request: AuthoritiesRequest,
): { readonly chain: VerifiedChain } | { readonly failure: ChainFailure } {
  const { authorities, times } = request;
  if (times.length === 0) {
    return {
      failure: {
        code: 'TIME_MISSING',
        message: 'Nothing says when the signature was made, so no certificate can be judged',
      },
    };
  }
  let failure: ChainFailure = {
    code: 'CERTIFICATE_UNTRUSTED',
    message: 'No authority is trusted to issue certificates',
  };
  for (const authority of authorities) {
    const result = buildChain({ ...request, authority: authority.certificates });
    const found = 'failure' in result ? result.failure : findWindowFailure(authority, times);
    if (found === undefined && 'chain' in result) return { chain: { certificates: result.chain, authority } };
    // An authority that has nothing to do with the leaf explains nothing when another nearly fitted.
    if (found !== undefined && (failure.code === 'CERTIFICATE_UNTRUSTED' || found.code !== 'CERTIFICATE_UNTRUSTED'))
      failure = found;
  }
  return { failure };
}

function findWindowFailure({ uri, window }: Authority, times: readonly Date[]): ChainFailure | undefined {
  const outside = times.find((time) => !isWithin(window, time));
  if (outside === undefined) return undefined;
  const { start, end } = window;
  return {
    code: 'NOT_VALID_THEN',
    message: `The authority ${uri} was not trusted when the signature was made`,
    found: formatTime(outside),
    wanted: start === undefined ? 'a start of its trust' : `${start.toISOString()} to ${end?.toISOString() ?? 'today'}`,
  };
}
