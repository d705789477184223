import type { AddCommands } from './build-program.ts';
import { addAdmissionCommands } from './admission.ts';
import { addAttachmentCommands } from './attachments.ts';
import { addBuildCommand } from './building.ts';
import { addClusterCommands } from './cluster.ts';
import { addCompletionCommand } from './completion.ts';
import { addConfigCommand } from './checking-config.ts';
import { addDatabaseCommands } from './database.ts';
import { addEgressCommands } from './egress.ts';
import { addGatekeeperCommands } from './gatekeeper.ts';
import { addKeyCommands } from './keys.ts';
import { addOperatorCommands } from './operator.ts';
import { addPolicyCommands } from './policies.ts';
import { addRegistryCommands } from './registry.ts';
import { addScanningCommands } from './scanning.ts';
import { addSigningCommands } from './signing.ts';
import { addTriageCommand } from './triage.ts';
import { addTrustCommands } from './trust.ts';
import { addNotationCommand } from './verifying-notation.ts';
import { addVerifyingCommands } from './verifying.ts';
import { addSettingsCommand } from './settings.ts';

/** Every command, in the order of the help. */
export const allCommands: readonly AddCommands[] = [
  addScanningCommands,
  addConfigCommand,
  addDatabaseCommands,
  addBuildCommand,
  addSigningCommands,
  addVerifyingCommands,
  addNotationCommand,
  addAttachmentCommands,
  addKeyCommands,
  addTrustCommands,
  addPolicyCommands,
  addRegistryCommands,
  addEgressCommands,
  addAdmissionCommands,
  addGatekeeperCommands,
  addClusterCommands,
  addOperatorCommands,
  addTriageCommand,
  addSettingsCommand,
  addCompletionCommand,
];
