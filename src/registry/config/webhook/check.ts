import { isLoopback } from '../../../net/host.ts';
import { isPrivateHost } from '../../../net/private-address.ts';
import { WebhookError } from '../../webhook/error.ts';
import { parseWebhookSecret } from '../../webhook/sign.ts';
import type { ConfigCheck } from '../config-check.ts';
import { RegistryConfigError } from '../error.ts';
import type { Finding } from '../../../codec/yaml/mistake.ts';
import { findMissingSecrets } from '../value/named-files.ts';
import { readSecret, type SecretReference } from '../value/secret.ts';
import { findRepeated } from '../value/repeated.ts';

const names: ConfigCheck = {
  needs: ['webhooks'],
  find: ({ webhooks }) => findRepeated(webhooks, ['registry', 'webhooks']),
};

const addresses: ConfigCheck = {
  needs: ['webhooks'],
  find: ({ webhooks }) =>
    webhooks.flatMap(({ url, allowPrivate }, index): Finding[] => {
      const { protocol, hostname } = new URL(url);
      const path = ['registry', 'webhooks', index, 'url'];
      if (isPrivateHost(hostname) && !allowPrivate) {
        const sentence = 'is on this machine or in a private network; add allowPrivate: true where that is meant';
        return [{ path, sentence }];
      }
      if (protocol === 'https:' || isLoopback(hostname)) return [];
      return [{ path, sentence: 'would send events in the clear; write https://' }];
    }),
};

const secrets: ConfigCheck = {
  needs: ['webhooks'],
  servingOnly: true,
  find: ({ webhooks }, context) =>
    findMissingSecrets(
      webhooks.flatMap(({ secret, previousSecret }, index) => [
        { path: ['registry', 'webhooks', index, 'secret'], secret },
        { path: ['registry', 'webhooks', index, 'previousSecret'], secret: previousSecret },
      ]),
      context,
    ),
};

const weakSecrets: ConfigCheck = {
  needs: ['webhooks'],
  servingOnly: true,
  async find({ webhooks }, { env }) {
    const named = webhooks.flatMap(({ name, secret, previousSecret }, index) => [
      { name, index, member: 'secret', secret },
      { name, index, member: 'previousSecret', secret: previousSecret },
    ]);
    const findings = await Promise.all(
      named.map(async ({ name, index, member, secret }): Promise<Finding[]> => {
        if (secret === undefined || (secret.kind === 'env' && env === undefined)) return [];
        const why = await whyUnusable(secret, name, env ?? {});
        const path = ['registry', 'webhooks', index, secret.kind === 'file' ? `${member}File` : member];
        return why === undefined ? [] : [{ path, sentence: `cannot be used: ${why}` }];
      }),
    );
    return findings.flat();
  },
};

async function whyUnusable(
  secret: SecretReference,
  name: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  try {
    parseWebhookSecret(await readSecret(secret, env), name);
    return undefined;
  } catch (error) {
    if (error instanceof WebhookError) return error.message;
    // That it is not there is told by the check before.
    if (error instanceof RegistryConfigError) return undefined;
    throw error;
  }
}

/** Checks of where events go. */
export const webhookChecks: readonly ConfigCheck[] = [names, addresses, secrets, weakSecrets];
