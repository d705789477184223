import { buildArguments } from '../images.ts';
import type { Stage } from '../stage.ts';

/** The one policy of the chain. The push is no gate of it, so that there is something for `triage` to find. */
const policy = `apiVersion: seaworthy.dev/v1
kind: ImagePolicy
metadata: { name: no-critical }
spec:
  gates: [ci, pull, admission]
  vulnerabilities:
    - { severity: CRITICAL, fixable: true, help: Rebuild the image with the version that mends it }
`;

/** Has the pipeline's gate refuse the flawed image, and pass its rebuild. */
export async function showGate(stage: Stage, [flawed, mended]: readonly [string, string]): Promise<void> {
  stage.title('Gate it in the pipeline, by the policy that every later gate goes by');
  await stage.file('policies/no-critical.yaml', policy);
  const check = (version: string): readonly string[] => [
    'policy',
    'check',
    '--policy',
    stage.path('policies', 'no-critical.yaml'),
    '--as',
    `registry.example.com/shop/app:${version}`,
    `oci-dir:${stage.path(`image-${version}`)}`,
  ];
  await stage.type(check(flawed), { status: 40, meaning: 'the pipeline stops here' });
  stage.say('\nThe same application, with the versions that mend it:');
  await stage.type([...buildArguments(stage, 'app', mended), '-o', `oci-dir:${stage.path(`image-${mended}`)}`]);
  await stage.type(check(mended), { meaning: 'the pipeline goes on' });
}
