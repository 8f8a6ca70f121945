/** What to do when an image has owners that nobody here can give a file to. */
export const MORE_IDS =
  'run cooper as root, or add ids to /etc/subuid and /etc/subgid (usermod --add-subuids, --add-subgids)'
