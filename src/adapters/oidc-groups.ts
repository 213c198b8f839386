// Reads the file that lists the groups of each person (`oidc.claims.groups_file`) anew at each use, so that a person whom root takes out of a
// group loses it at once, without a restart.
//
// 1. Owner, mode and content are checked each time (config/groups-file.ts). Attack: the file is made writable after the keeper has started.
// 2. A list that cannot be read gives nobody groups: it refuses (law 1). Accident: a half-written file names fewer reviewers.
import { readGroupsFile, type GroupsFile } from '../config/groups-file.ts';
import type { GroupList } from '../core/identity.ts';
import { Refused } from '../core/refusal.ts';

/** Reads the list. It is parsed again only when it has changed. @throws Refused GROUPS_FILE */
export function openGroupList(path: string): () => Promise<GroupList> {
  let known: GroupsFile | undefined;
  return async () => {
    try {
      known = await readGroupsFile(path, known);
    } catch (error) {
      throw new Refused('GROUPS_FILE', {}, error);
    }
    return known.list;
  };
}
