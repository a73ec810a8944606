import { describeWith } from './describe-with.ts';
import { whatIsMissing } from './what-is-missing.ts';

/** `describe` for suites that run real clients in network namespaces; see `describeWith`. */
export function describeOnHosts(
  switchName: string,
  title: string,
  suite: () => void,
  onlyByOrder = false,
): void {
  describeWith({ switchName, title, missing: whatIsMissing(), onlyByOrder }, suite);
}
