import type { Attack } from './attack.ts';

const verify = 'src/policy/kyverno/verify';
const attacks = `${verify}/attacks.test.ts`;
const attestations = `${verify}/attestations.test.ts`;
const attestors = `${verify}/attestors.test.ts`;
const digests = `${verify}/digests.test.ts`;
const mistakes = `${verify}/mistakes.test.ts`;
const objects = `${verify}/objects.test.ts`;
const signers = `${verify}/signers.test.ts`;
const context = 'src/policy/kyverno/context/context.test.ts';
const exceptions = 'src/policy/kyverno/exception/exception.test.ts';
const rule = 'src/policy/kyverno/rule/rule.test.ts';
const gather = 'src/evidence/gather-attached.test.ts';
const members = 'src/evidence/signer-members.test.ts';
const resolve = 'src/evidence/image/resolve-image.test.ts';
const entity = 'src/signing/verify/verify-entity.test.ts';
const logBodies = 'src/signing/verify/check-log-bodies.test.ts';
const service = 'src/admission/service/open-admission.test.ts';
const images = 'src/admission/image/image-judge.test.ts';
const withdrawn = 'src/admission/image/withdrawn.test.ts';
const keychain = 'src/workload/credentials/access-keychain.test.ts';
const azureHosts = 'src/cloud/azure/registry-host.test.ts';
const cloudHosts = 'src/cloud/keychains.test.ts';
const whole = 'test/hostile/admission-attacks.test.ts';
const cluster = 'test/integration/kubernetes-admission.test.ts';

/** Weaknesses that admission controllers had. */
export const known: readonly Attack[] = [
  {
    id: 'CVE-2022-47633',
    what: 'a tag that is looked up twice, and is another image the second time',
    tests: [
      [whole, 'a registry that tells another digest each time: what is verified, put in and kept is one digest'],
      [attacks, 'CVE-2022-47633, §7 (a) what is put in is what was verified'],
      [resolve, 'holds to what it was told first, though the tag moves with every request'],
      [service, 'a tag that moves between the two webhooks and the node changes nothing'],
    ],
  },
  {
    id: 'CVE-2023-47630',
    what: 'a registry of the attacker that mixes digests, indexes and images',
    tests: [
      [whole, 'a registry that tells another digest each time: what is verified, put in and kept is one digest'],
      [attacks, 'CVE-2023-47630 a registry that gives another digest each time it is asked gets nothing in'],
      [resolve, 'is not led on without end'],
      [gather, 'lets the signature of an index vouch for its images'],
    ],
  },
  {
    id: 'CVE-2023-42813 to 42816, CVE-2024-29902, CVE-2024-29903, CVE-2023-46737, CVE-2024-45395',
    what: 'manifests, signatures and attachments that are huge, many or endless',
    tests: [
      [whole, '`${what} lets nothing in, in bounded time`'],
      [whole, 'ten thousand signatures of somebody else are looked at within bounds, and let nothing in'],
      ['src/signing/cosign/bundles.test.ts', 'gives up more than a thousand referrers, and more bytes than it holds'],
      ['src/signing/cosign/legacy-signatures.test.ts', 'gives up what no honest image has'],
    ],
  },
  {
    id: 'CVE-2025-29778',
    what: 'an identity whose regular expressions are passed over',
    tests: [
      [members, 'an identity counts by issuer, subject and claims together, each of which can fail (CVE-2025-29778)'],
      [attestors, '§2.3.2, CVE-2025-29778: keyless with'],
    ],
  },
  {
    id: 'CVE-2025-46342',
    what: 'labels of a namespace that cannot be looked up',
    tests: [
      [whole, 'the labels of the namespace: nobody passes over what may be guarded'],
      [rule, 'labels of a namespace that is not there'],
      ['src/policy/kyverno/match/match-rule.test.ts', 'is not taken for met where it could not be looked up'],
    ],
  },
  {
    id: 'CVE-2024-48921, GHSA-gg4x-fgg2-h9w9',
    what: 'exceptions that anybody makes, and two that make one larger than either',
    tests: [
      [exceptions, 'exceptions count in one namespace alone, and nowhere unless that is said'],
      [exceptions, 'images of two exceptions, each for its own'],
    ],
  },
  {
    id: 'CVE-2023-34091',
    what: 'an object that is being deleted, and gets another image',
    tests: [
      [whole, 'what is being deleted may go, and may run nothing else'],
      [service, 'an object that goes is let go, and an image that changes while it goes is judged'],
      [objects, 'what is being deleted can go although nobody can look at its images'],
    ],
  },
  {
    id: 'CVE-2025-47281, CVE-2026-23881',
    what: 'expressions that end the program, or take all its memory',
    tests: [
      ['src/policy/kyverno/function/functions.test.ts', 'every function gives a value of JSON or a LangError'],
      ['src/policy/kyverno/function/functions.test.ts', "describe('caps'"],
      ['src/policy/kyverno/variables/substitute.test.ts', 'whatever stands in braces gives a value or a LangError'],
      ['src/policy/kyverno/fuzz.test.ts', 'whatever policies and objects say, judging ends in a verdict'],
      [rule, 'a rule that takes too many steps is undecided'],
      [context, 'context has more than'],
      ['test/hostile/admission-fuzz.test.ts', 'whatever an API server and its policies say, a review is answered'],
    ],
  },
  {
    id: 'CVE-2026-22039, CVE-2026-41068, CVE-2026-4789, CVE-2026-41323, CVE-2026-40868, GHSA-8wfp, -fmqp, -qr4g, -459x',
    what: 'a policy that reads other namespaces, or sends the token of the webhook elsewhere',
    tests: [
      ['src/admission/global-context/global-context.test.ts', 'what may not be asked is not, and says so'],
      ['src/admission/global-context/global-context.test.ts', 'Secrets of the webhook itself are in no list'],
      [context, "'a service'"],
      [context, "'another address with a variable'"],
      [context, 'a policy of a namespace reads its own alone, whatever its variables give'],
      [context, "describe('apiPathMistake()'"],
      [
        'src/kubernetes/open-client.test.ts',
        'a path of the server is read, within its bytes, and never another server',
      ],
      ['src/kubernetes/transport.test.ts', 'a client tells no other host who asks, wherever it is sent'],
      [mistakes, "a policy of a namespace uses no other namespace's secrets"],
    ],
  },
  {
    id: 'kyverno#15705',
    what: 'a patch that fails, so that nothing is left to verify',
    tests: [
      [whole, 'an object that cannot get the digest is denied, not let in without'],
      ['src/admission/server/decide.test.ts', 'takes no patch where nothing may be changed'],
      ['src/admission/review/json-patch.test.ts', '`buildPatch() does not patch ${what}`'],
    ],
  },
  {
    id: 'kyverno#16208, #14862, #14500',
    what: 'one image that ends the look at others, one entry that decides for all, annotations that every signature must have',
    tests: [
      [objects, '#16208 every image is judged, whatever comes of another, and none hides another'],
      [objects, '`#14862 entries that say'],
      [attestors, 'annotations must all be there, in one signature'],
      [members, 'annotations must all be signed, in one signature that counts'],
      [service, 'each container is judged, and one that is not signed takes the whole pod with it'],
    ],
  },
  {
    id: 'kyverno#16815, #16817, #16853',
    what: 'switches without effect',
    tests: [
      ['src/policy/kyverno/verify/fields.test.ts', '`§2.2 ${field} of ${version} decides'],
      [digests, '`#16815, #16817: ${what}'],
      [digests, '#16853: an entry without attestors and attestations'],
    ],
  },
  {
    id: 'kyverno#11529, #16336',
    what: 'an object that says of itself that it was verified',
    tests: [
      [whole, 'that it was verified, and whose child it is, counts for nothing when it is made'],
      [whole, 'nor when it is changed'],
      [objects, '#11529, #16336 annotations of the object say nothing about its images'],
    ],
  },
  {
    id: 'policies#1530',
    what: 'an exception for one image that takes the whole object out',
    tests: [[exceptions, 'images that are excepted are told beside the others']],
  },
  {
    id: 'CVE-2022-35929, CVE-2022-35930',
    what: 'an attestation of another type',
    tests: [
      [gather, 'nor one of another type for the wanted one (CVE-2022-35929, CVE-2022-35930)'],
      [service, 'a statement must say what the policy wants of it'],
    ],
  },
  {
    id: 'CVE-2022-23649, CVE-2022-36056, CVE-2026-22703',
    what: 'an entry of the log about something else',
    tests: [
      [logBodies, 'refuses entries of every kind with another signature (CVE-2022-23649)'],
      [logBodies, 'about another artifact or envelope (CVE-2026-22703)'],
      [entity, 'ties the log entry to this signature'],
    ],
  },
  {
    id: 'GHSA-fx35-mq7g-6g98',
    what: 'a key of the attacker beside what was asked for',
    tests: [
      [entity, 'takes the key where a certificate is wanted for nothing'],
      ['src/evidence/signer-certificates.test.ts', 'and no key beside it does'],
    ],
  },
  {
    id: 'CVE-2026-24122, CVE-2026-54787, CVE-2026-39984, CVE-2026-49834',
    what: 'certificates, keys and stamps of another time, and one log that counts twice',
    tests: [
      [entity, 'holds the certificate to its time with or without a log'],
      [entity, 'keeps to the time of a key'],
      ['src/signing/timestamp/verify.test.ts', 'checks the very certificate that signed'],
      ['src/signing/verify/check-log-entries.test.ts', 'counts each log once (CVE-2026-49834)'],
      [attestors, 'one key counts for one entry of a set, and for several only as Kyverno has it'],
      [attacks, 'an image passes exactly where so many of each set signed, whatever the sets'],
    ],
  },
  {
    id: 'CVE-2026-39395',
    what: 'a payload that nobody can read',
    tests: [[gather, 'counts nothing whose payload cannot be read, though the key is right (CVE-2026-39395)']],
  },
  {
    id: 'CVE-2025-27403',
    what: 'a host that is named like a cloud, and gets its credentials',
    tests: [
      [azureHosts, 'azureRegistry() takes nothing for a registry of Azure that is none, nor takes tokens'],
      [keychain, 'clouds come before the machine, for their own registries, and never without TLS'],
      [keychain, 'credentials of one registry are not those of another'],
      [whole, 'the credentials of one registry are shown to no other, whatever the other asks for'],
      [gather, 'shows each registry its own credentials'],
    ],
  },
  {
    id: 'Portieris before 0.14.2, K8sAllowedRepos',
    what: 'a pattern that takes more than its author meant',
    tests: [
      [mistakes, '`§7 what is hardly meant'],
      [`${verify}/image-references.test.ts`, "['ghcr.io/org/*', 'ghcr.io/org-evil/app', false, false]"],
    ],
  },
  {
    id: 'CVE-2026-32280',
    what: 'certificates that sign each other across',
    tests: [['src/signing/certificate/build-chain.test.ts', 'gives up on certificates that sign each other across']],
  },
];

/** What Kyverno takes and this does not. */
export const loose: readonly Attack[] = [
  {
    id: '(a)',
    what: 'a digest that is put in without having been verified, since its tag was',
    tests: [
      [attacks, 'CVE-2022-47633, §7 (a) what is put in is what was verified'],
      [whole, 'a registry that tells another digest each time: what is verified, put in and kept is one digest'],
    ],
  },
  {
    id: '(b)',
    what: 'an image that is verified by attestations alone, and looked up again',
    tests: [[attestations, '§7 (b) an image that is verified by attestations alone is put in by the digest']],
  },
  {
    id: '(c), (d)',
    what: 'anybody with a certificate',
    tests: [
      [attestations, '§7 (c) anybody makes attestations only as Kyverno has it'],
      [signers, '§7 (c) whoever has a certificate, as in Kyverno when that is asked for'],
      ['src/evidence/signer-certificates.test.ts', 'a certificate without names is nobody in particular'],
      [mistakes, 'what anybody may do is let pass as Kyverno does, and with roots of one own'],
    ],
  },
  {
    id: '(e)',
    what: 'attestors that are lost from older fields',
    tests: [[signers, '`fields of version 1 mean what is written today: ${what}`']],
  },
  {
    id: '(f)',
    what: 'a value of the attacker that is a pattern',
    tests: [
      [attestations, '§7 (f) what is stated is no pattern for what is asked for, but as Kyverno has it'],
      ['src/policy/kyverno/condition/condition.test.ts', 'who writes a pattern is in every list'],
    ],
  },
  {
    id: '(g)',
    what: 'what is passed over for one layout of signatures',
    tests: [
      [members, 'what is trusted for a signer stands in the place of what the gate says'],
      [members, 'a timestamp authority of its own must vouch for the time'],
      [members, 'annotations must all be signed, in one signature that counts'],
      [members, 'signatures lie in another repository and behind a prefix only where the signer says so'],
      [attestors, 'signatures are looked for in every layout, and in one of them only as Kyverno has it'],
    ],
  },
  {
    id: '(h)',
    what: 'hosts of a cloud, unanchored',
    tests: [[cloudHosts, 'no host is one of a cloud that has more than the name of a registry before or behind it']],
  },
  {
    id: '(i)',
    what: 'patterns that take exponential time',
    tests: [
      [`${verify}/image-references.test.ts`, '§7 (i) no pattern takes exponential time'],
      [members, 'a glob that others take exponential time for takes none'],
    ],
  },
  {
    id: '(j)',
    what: 'the identity of one signature and the annotations of another',
    tests: [[attestors, '§7 (j) annotations of a signer who is not trusted are no help, but as Kyverno has it']],
  },
];

/** Other ways in. */
export const ways: readonly Attack[] = [
  {
    id: 'spelling',
    what: 'another name of the same image',
    tests: [
      [cluster, 'no spelling of a name, and no way to change a Pod, gets an image in that is not signed'],
      [attacks, '`§7 spelling: ${spelling} escapes no pattern`'],
      [attacks, 'names with a dot behind the host, or none, are no names of images'],
      [attacks, 'tag and digest together are what the digest is'],
      [whole, 'another spelling of the same image'],
    ],
  },
  {
    id: 'containers',
    what: 'ephemeral containers, sidecars, volumes',
    tests: [
      [whole, '`${what} of a Pod`'],
      [whole, 'a container that is added to look into a running Pod'],
      [cluster, 'a container that is added to a Pod, and a volume that is an image'],
      [objects, 'all kinds of containers and volumes are looked at'],
    ],
  },
  {
    id: 'templates',
    what: 'what makes Pods, kinds that nobody knows, scaling from none',
    tests: [
      [whole, 'what makes Pods, by itself, at a time, and with none for now'],
      ['src/policy/kyverno/extract/extraction.test.ts', '`§2.3.8 an extractor finds ${what}`'],
      [cluster, 'a Deployment is judged by its template'],
    ],
  },
  {
    id: 'claims',
    what: 'parents that approved, labels of namespaces that let everything in',
    tests: [
      [whole, 'that it was verified, and whose child it is, counts for nothing when it is made'],
      [whole, 'nor what its namespace is called by whoever made it'],
      [rule, 'a controller of ones own is passed over where rules say so, and only then'],
    ],
  },
  {
    id: 'time',
    what: 'a registry that takes so long that nobody judges',
    tests: [
      [whole, '`${kind}: what was never verified is denied with the reason before the deadline`'],
      [whole, 'an image within a policy that lets pass what it cannot judge: that is told'],
      ['src/admission/server/decide.test.ts', 'decide() answers at the deadline, and tells the judge'],
      [images, 'what was never verified does not pass while a registry cannot be asked'],
      [images, 'a registry that says nothing is waited for a moment where something older is known'],
    ],
  },
  {
    id: 'start',
    what: 'a webhook that has not read its policies',
    tests: [
      [service, 'without policies that were read nothing is ready'],
      [cluster, 'under load: nothing unverified gets in, nothing verified is lost'],
    ],
  },
  {
    id: 'nodes',
    what: 'a tag that a node has already, or rewrites to a mirror',
    tests: [
      [service, "a user's ClusterPolicy works unchanged: what is signed is admitted by its digest"],
      [digests, 'what is put in is whole'],
    ],
  },
  {
    id: 'sharing',
    what: 'what one may see, told to another',
    tests: [
      [images, 'who may not see an image does not keep others from seeing it'],
      ['src/admission/verdict-cache/seal.test.ts', '`a verdict is not opened with ${what}`'],
    ],
  },
  {
    id: 'restart',
    what: 'a webhook that starts anew while a registry is down, and remembers what was allowed before it was denied',
    tests: [
      [withdrawn, 'what was denied after it had been allowed does not pass at the next start in an outage'],
      [withdrawn, 'what one database denied is not let pass by what another one had allowed'],
    ],
  },
];
