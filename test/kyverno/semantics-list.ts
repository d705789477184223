import type { KyvernoStyle } from '../../src/policy/kyverno/style.ts';

/** How Kyverno reads its policies in one respect, and the tests that show that they are read so here. */
export interface Semantics {
  readonly id: string;
  readonly what: string;
  /** A file, and the title of a test in it as its source has it. */
  readonly tests: readonly (readonly [file: string, title: string])[];
}

/** A respect in which they are read otherwise, on purpose. */
export interface Deviation extends Semantics {
  /** What `--kyverno-exact` turns off; absent where it is otherwise whatever that says. */
  readonly style?: keyof KyvernoStyle;
  /** What docs/admission.md says of it. */
  readonly said: string;
}

const kyverno = 'src/policy/kyverno';
const verify = `${kyverno}/verify`;
const attacks = `${verify}/attacks.test.ts`;
const attestations = `${verify}/attestations.test.ts`;
const attestors = `${verify}/attestors.test.ts`;
const digests = `${verify}/digests.test.ts`;
const fields = `${verify}/fields.test.ts`;
const mistakes = `${verify}/mistakes.test.ts`;
const objects = `${verify}/objects.test.ts`;
const references = `${verify}/image-references.test.ts`;
const extraction = `${kyverno}/extract/extraction.test.ts`;
const autogen = `${kyverno}/autogen/autogen.test.ts`;
const match = `${kyverno}/match/match-rule.test.ts`;
const condition = `${kyverno}/condition/condition.test.ts`;
const functions = `${kyverno}/function/functions.test.ts`;
const service = 'src/admission/service/open-admission.test.ts';
const answers = 'src/admission/service/answer-verdict.test.ts';
const webhooks = 'src/admission/webhooks/wanted-webhooks.test.ts';
const decide = 'src/admission/server/decide.test.ts';

/** As Kyverno has it. */
export const kept: readonly Semantics[] = [
  {
    id: '1, normalising',
    what: 'what a name without registry or tag is, and that a digest takes the place of the tag',
    tests: [
      [`${kyverno}/image-name.test.ts`, 'parseKyvernoImage(${JSON.stringify(text)})'],
      [`${kyverno}/image-name.test.ts`, 'the default registry can be another one, and be left out'],
      [references, '§2.3.1-2, §7 spelling: ${pattern} and ${image}: ${exact} in Kyverno, ${strict} here'],
      [references, 'what has no host is of Docker Hub where no registry is put before it'],
    ],
  },
  {
    id: '2, patterns',
    what: 'stars and question marks for whole texts, and regular expressions that match anywhere',
    tests: [
      [`${kyverno}/image-name.test.ts`, "${pattern} ${matches ? 'matches' : 'does not match'} ${text}"],
      [`${kyverno}/image-name.test.ts`, 'patterns match what a regular expression of the same meaning does'],
      [attestors, '§2.3.2, CVE-2025-29778: keyless with ${what} has ${outcome}'],
    ],
  },
  {
    id: '3, what passes unverified',
    what: 'images that no entry is about, that are skipped, that nothing is asked of, and what is only audited',
    tests: [
      [objects, '§2.3.3 an object without an image that an entry is about is not judged'],
      [digests, '§2.3.3, #16853: an entry without attestors and attestations'],
      [digests, '§2.3.3 an image that is skipped is skipped, and its digest asked for all the same'],
      [fields, '§2.2 ${field} of ${version} decides'],
    ],
  },
  {
    id: '4, order',
    what: 'digests are put in by the mutating webhook and asked for by the validating one, when objects are made and changed',
    tests: [
      [answers, 'an object gets the digests that were verified, from a mutating webhook'],
      [
        service,
        "a user's ClusterPolicy works unchanged: what is signed is admitted by its digest, what is not is denied",
      ],
      [digests, '#16815, #16817: ${what}'],
      [webhooks, 'what is deleted, or never gets a digest, is not asked about where objects are changed'],
    ],
  },
  {
    id: '5, attestors',
    what: 'how many of which set, keys of one text, sets in sets',
    tests: [
      [attestors, '§2.3.5 attestors: ${what}'],
      [attestors, '§2.3.5 text around keys, and spaces at the ends of lines, count for nothing'],
      [attacks, 'an image passes exactly where so many of each set signed, whatever the sets'],
    ],
  },
  {
    id: '6, attestations',
    what: 'every statement of the type, presence without conditions, names for validate',
    tests: [
      [attestations, '§2.3.6 attestations: ${what}: ${outcome}'],
      [attestations, 'attestors of the entry sign the image, and those of an attestation make it'],
      [attestations, 'validate.deny sees several attestations at once'],
      [attestations, 'conditions see what they use of the object and of the context, and nothing more is asked with'],
    ],
  },
  {
    id: '7, patches',
    what: 'the whole name with tag and digest in the place of the image',
    tests: [
      [digests, 'what is put in is whole'],
      [answers, 'an object gets the digests that were verified, from a mutating webhook'],
      [mistakes, '§2.3.8 extractors with an expression forbid that digests are put in'],
    ],
  },
  {
    id: '8, imageExtractors',
    what: 'paths with stars, value, name and key, in place of what is known of the kind',
    tests: [
      [extraction, '§2.3.8 an extractor finds ${what}'],
      [extraction, '§2.3.8 an extractor tells ${what}'],
      [extraction, '§2.3.8 extractors take the place of what is known of their kind, and of no other'],
    ],
  },
  {
    id: '9, autogen',
    what: 'rules about Pods are about what makes Pods, under names of at most 63 characters',
    tests: [
      [autogen, 'is about what makes pods'],
      [autogen, 'cuts names at 63 characters'],
      [autogen, 'leaves extractors behind'],
      [autogen, 'is for no rule about other kinds, and for none that excludes others'],
    ],
  },
  {
    id: '10, match and exclude',
    what: 'kinds in all their forms, all of what a filter says, any of its lists',
    tests: [
      [match, 'parseKindSelector() reads each form'],
      [match, 'takes out what it includes'],
      [match, 'what one more filter of any includes is never less, and of all never more'],
      [`${kyverno}/resource-filters.test.ts`, 'defaultResourceFilters names kinds as rules do'],
    ],
  },
  {
    id: '10, subresources and groups',
    what: 'what is sent to a subresource is of the kind that it is sent to; a kind without a group is of any',
    tests: [
      [
        `${kyverno}/match/owner-kind.test.ts`,
        "a rule about ${kind} is ${isAbout ? '' : 'not '}about what is sent to ${to} as a ${of.kind}",
      ],
      [webhooks, "a rule about ${kind} is asked about ${resources.join(' and ')}"],
      [
        'test/integration/admission-serve.test.ts',
        'a rule about a subresource is asked about what is sent there, whatever kind that is of',
      ],
    ],
  },
  {
    id: 'allowExistingViolations',
    what: 'an object broke a rule before where that would have been about it, as it was, when it was created',
    tests: [[`${kyverno}/rule/validation-body.test.ts`, 'a change that breaks a rule about ${what} is ${becomes}']],
  },
  {
    id: '11, operators',
    what: 'numbers, quantities, durations and versions by value, ranges, lists',
    tests: [
      [condition, '${JSON.stringify(key)} ${operator} ${JSON.stringify(value)} is ${expected}'],
      [condition, 'conditions hold or not, whatever they compare; and of a pair that deny each other at most one does'],
    ],
  },
  {
    id: '12, JMESPath',
    what: "Kyverno's functions beside those of the language",
    tests: [[functions, 'every function gives a value of JSON or a LangError, whatever it is given']],
  },
  {
    id: '13, paths',
    what: 'webhooks by failure policy, and of its own for a policy with conditions or a timeout; 200 for a denial',
    tests: [
      [webhooks, 'policies that fail alike share a webhook, whose every field is said'],
      [webhooks, 'each failure policy, and each policy with conditions or a timeout, has its own webhooks'],
      [decide, 'findRoute() knows its paths and no others'],
    ],
  },
  {
    id: '§2.4',
    what: 'what whoever is denied reads',
    tests: [
      [attestors, '§2.4 what is denied is told in the words of Kyverno, with what was tried and what to do'],
      [attestations, '§2.4 what is denied is told in the words of Kyverno'],
    ],
  },
];

/** Otherwise than Kyverno. */
export const deviations: readonly Deviation[] = [
  {
    id: 'anybody',
    what: 'whoever has any certificate is nobody',
    style: 'anyIdentity',
    said: '`keyless` without issuer and subject, and statements of nobody, are mistakes',
    tests: [
      [mistakes, 'what anybody may do is let pass as Kyverno does, and with roots of one own'],
      [attestations, '§7 (c) anybody makes attestations only as Kyverno has it'],
    ],
  },
  {
    id: 'spellings',
    what: 'all names of one image are one',
    style: 'aliases',
    said: '`library/` and other names of Docker Hub are one for patterns',
    tests: [
      [references, 'other spellings add to what Kyverno matches, and all spellings of one image match alike'],
      [references, '§2.3.1-2, §7 spelling: ${pattern} and ${image}: ${exact} in Kyverno, ${strict} here'],
    ],
  },
  {
    id: 'one signature',
    what: 'identity and annotations of one signature',
    style: 'annotationsApart',
    said: 'annotations and identity must be in one signature',
    tests: [[attestors, '§7 (j) annotations of a signer who is not trusted are no help, but as Kyverno has it']],
  },
  {
    id: 'layouts',
    what: 'every layout, by the type of the manifest itself where an index says another',
    style: 'oneLayout',
    said: 'bundles and older signatures both count, whatever the `type`',
    tests: [
      [attestors, 'signatures are looked for in every layout, and in one of them only as Kyverno has it'],
      [
        'src/signing/cosign/bundles.test.ts',
        'findBundles() gives the bytes of a bundle, and what its manifest says of it',
      ],
    ],
  },
  {
    id: 'one key, one attestor',
    what: 'a key counts once in a set',
    style: 'sameSignerTwice',
    said: 'one key counts for one attestor',
    tests: [[attestors, 'one key counts for one entry of a set, and for several only as Kyverno has it']],
  },
  {
    id: 'volumes',
    what: 'images of volumes',
    style: 'skipVolumes',
    said: 'images of volumes are judged',
    tests: [[extraction, 'images of volumes are looked at, and passed over as in Kyverno when that is asked for']],
  },
  {
    id: 'patterns in values',
    what: 'what is looked at is no pattern',
    style: 'keysArePatterns',
    said: 'what is looked at is no pattern in conditions',
    tests: [
      [condition, 'who writes a pattern is in every list'],
      [attestations, '§7 (f) what is stated is no pattern for what is asked for, but as Kyverno has it'],
    ],
  },
  {
    id: 'changes of what is wrong',
    what: 'an object that broke a rule before gets no other image',
    style: 'changesViolations',
    said: 'an object that broke a `validate` rule before may be changed where its pods stay as they are',
    tests: [[`${kyverno}/validate/validate.test.ts`, 'may not have another image']],
  },
  {
    id: 'one digest',
    what: 'a name is looked up once, and what was verified is put in and kept',
    said: 'The digest that was verified is the one that is put in and that counts later',
    tests: [
      [attacks, 'CVE-2022-47633, §7 (a) what is put in is what was verified'],
      [attestations, '§7 (b) an image that is verified by attestations alone is put in by the digest'],
    ],
  },
  {
    id: 'what was tried',
    what: 'a denial says what was tried and what to do',
    said: 'A denial says besides who was wanted, what was found, and the command that mends it',
    tests: [[attestors, '§2.4 what is denied is told in the words of Kyverno, with what was tried and what to do']],
  },
  {
    id: 'annotations of the object',
    what: 'nothing in an object says that it was verified',
    said: '`kyverno.io/verify-images` is written for others to read and never believed',
    tests: [[objects, '#11529, #16336 annotations of the object say nothing about its images']],
  },
  {
    id: 'expressions for some of a text',
    what: 'regular expressions without anchors are told',
    said: '`policy lint` tells regular expressions without anchors',
    tests: [['src/policy/lint/lint-texts.test.ts', 'regexp-unanchored']],
  },
  {
    id: 'fields of version 1',
    what: 'a key beside attestations, and a subject without an issuer, are asked for',
    said: 'A `key` beside `attestations` and a `subject` without an `issuer` are asked for',
    tests: [[`${verify}/signers.test.ts`, '`fields of version 1 mean what is written today: ${what}`']],
  },
];
