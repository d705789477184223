import { printable } from '../../base/printable.ts';
import { type ProgramEnd, runProgram } from '../../base/run-program.ts';
import { KubernetesError } from '../error.ts';
import type { CredentialPart } from './credential-part.ts';
import type { ConfigDeps } from './deps.ts';
import type { ExecSettings } from './exec-settings.ts';
import { configLimits as limits } from './limits.ts';
import { parseExecCredential, type PluginCredentials } from './parse-exec-credential.ts';
import { SharedCall } from './shared-call.ts';

const failures: Readonly<Record<Exclude<ProgramEnd['kind'], 'ended'>, string>> = {
  missing: 'is not installed; install it, or put it on PATH',
  unstartable: 'cannot be started; check who may run it',
  timeout: 'did not answer in time; run it by hand to see what it waits for',
  flood: 'printed far too much; run it by hand to see what it prints',
};

/** Credentials that a program gives. It runs when they are first needed, when they have ended, and when they were refused. */
export function execPart(settings: ExecSettings, deps: ConfigDeps): CredentialPart {
  let kept: PluginCredentials | undefined;
  const call = new SharedCall(async (signal) => {
    kept = await runPlugin(settings, deps, signal);
    return kept;
  });
  return {
    async current(signal) {
      const isFresh = kept !== undefined && (kept.expires ?? Infinity) - limits.expiryMarginMs > deps.clock.now();
      return isFresh && kept !== undefined ? kept : await call.join(signal);
    },
    expire() {
      kept = undefined;
      return true;
    },
  };
}

async function runPlugin(settings: ExecSettings, deps: ConfigDeps, signal: AbortSignal): Promise<PluginCredentials> {
  const { apiVersion, command, args, cluster, title, installHint } = settings;
  const complain = (why: string, hint = ''): KubernetesError =>
    new KubernetesError(
      'CREDENTIAL_FAILED',
      `The credential plugin ${printable(command, 300)} of ${title} ${why}${hint}`,
    );
  // Nobody is there to be asked: standard input is not a terminal.
  const spec = { interactive: false, ...(cluster === undefined ? {} : { cluster }) };
  const info = JSON.stringify({ apiVersion, kind: 'ExecCredential', spec });
  const run = deps.runProgram ?? runProgram;
  const end = await run({
    program: command,
    args,
    env: { ...deps.env, ...settings.env, KUBERNETES_EXEC_INFO: info },
    timeoutMs: limits.pluginMs,
    maxOutputBytes: limits.pluginBytes,
    signal,
  });
  if (end.kind === 'missing') {
    throw complain(
      failures.missing,
      installHint === undefined ? '' : `. The kubeconfig says: ${printable(installHint, 500)}`,
    );
  }
  if (end.kind !== 'ended') throw complain(failures[end.kind]);
  if (end.status !== 0) {
    const how = end.status === null ? 'was ended by a signal' : `ended with status ${end.status}`;
    throw complain(`${how}; run it by hand to see why`);
  }
  return parseExecCredential(end.output, apiVersion, (why) => complain(`${why}; run it by hand to see what it prints`));
}
