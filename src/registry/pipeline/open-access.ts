import { anonymous } from '../auth/identity.ts';
import { RegistryError } from '../error.ts';
import type { AccessControl } from './access-control.ts';

/** Lets everybody do everything: for a registry on loopback that nobody set up yet. */
export const openAccess: AccessControl = {
  identify: () => anonymous,
  allows: () => true,
  allowsCatalog: () => true,
  allowsAudit: () => true,
  inCatalog: () => true,
  seesAll: () => true,
  wantsLogin: () => false,
  refuse: () => new RegistryError('DENIED', 'This is not allowed here'),
};
