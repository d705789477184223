import { folderNames } from '../../runtime/containerd/host-folders.ts';
import type { GeneratedFile, GenerateInput, Target } from '../target.ts';
import { tomlText, tomlTexts } from '../toml-text.ts';
import { upstreamName } from '../../upstream-name.ts';
import { verifyNodeFiles } from '../verify-node.ts';

const folder = '/etc/containerd/certs.d';

/** containerd: one folder for all hosts, whose `server` is the private registry. */
export const containerdTarget: Target = {
  name: 'containerd',
  generate(input) {
    const { registry, exceptions } = input.policy;
    const url = `${registry.scheme}://${registry.authority}`;
    const files: GeneratedFile[] = [hostsFile('_default', [`server = ${tomlText(url)}`, ...access(input)], input)];
    for (const host of registry.prefixed) {
      const server = [`server = ${tomlText(`${url}/v2/${upstreamName(host)}`)}`, 'override_path = true'];
      files.push(hostsFile(folderNames(host)[0] as string, [...server, ...access(input)], input));
    }
    for (const { host } of exceptions) {
      const lines = [`server = ${tomlText(`https://${host}`)}`];
      files.push(hostsFile(folderNames(host)[0] as string, lines, undefined));
    }
    files.push({ path: '/etc/containerd/config.toml', text: config });
    return {
      files,
      notes: [
        'containerd: join the lines of config.toml with yours, and remove any other config_path, mirrors, and drop-ins that set them',
        'containerd: remove all other folders of /etc/containerd/certs.d, since each of them takes the place of _default',
        'containerd: ctr and nerdctl read these files only when they are told to (--hosts-dir)',
      ],
    };
  },
  verify: (files, policy) => verifyNodeFiles(files, policy, 'containerd'),
};

/** The form of version 2 is read by containerd 1.5 to 2.x; one folder, since 2.1 takes a list for one name. */
const config = `# Join these lines with your configuration of containerd.
version = 2

[plugins."io.containerd.grpc.v1.cri".registry]
config_path = ${tomlText(folder)}
`;

function access({ policy, authorization }: GenerateInput): string[] {
  const { ca, client } = policy.registry;
  return [
    'capabilities = ["pull", "resolve"]',
    ...(ca === undefined ? [] : [`ca = ${tomlText(ca)}`]),
    ...(client === undefined ? [] : [`client = [${tomlTexts([client.certificate, client.key])}]`]),
    ...(authorization === undefined ? [] : ['', '[header]', `Authorization = ${tomlText(authorization)}`]),
  ];
}

/** `[host]` is for containerd 1.x, which takes a file without it for broken, and asks the upstream then. */
function hostsFile(name: string, lines: readonly string[], input: GenerateInput | undefined): GeneratedFile {
  const text = `${lines.join('\n')}\n\n# Without this line, containerd 1.x takes nothing of this file.\n[host]\n`;
  const secret = input?.authorization !== undefined;
  return { path: `${folder}/${name}/hosts.toml`, text, ...(secret ? { secret: true as const } : {}) };
}
