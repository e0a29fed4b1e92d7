// What the guest has, and what of it stays out of the image.

/** Debian packages; what they depend on comes along, recommendations do not. */
export const packages: readonly string[] = [
  // the base that Debian's Essential flag would bring
  "base-files",
  "base-passwd",
  "bash",
  "coreutils",
  "dash",
  "debianutils",
  "diffutils",
  "findutils",
  "grep",
  "gzip",
  "hostname",
  "libc-bin",
  "login",
  "mawk",
  "mount",
  "ncurses-base",
  "ncurses-bin",
  "passwd",
  "perl-base",
  "procps",
  "sed",
  "sensible-utils",
  "tar",
  "usr-is-merged",
  "util-linux",
  "util-linux-extra",
  // a pleasant command line
  "bc",
  "bsdextrautils",
  "file",
  "jq",
  "less",
  "nano",
  "tree",
  "vim-tiny",
  "xxd",
  // programs and data
  "git",
  "libc6-dev",
  "make",
  "patch",
  "python3",
  "sqlite3",
  "tcc",
  // archives
  "bzip2",
  "unzip",
  "xz-utils",
  "zip",
  "zstd",
  // network and time
  "ca-certificates",
  "curl",
  "iproute2",
  "iputils-ping",
  "media-types",
  "netbase",
  "rsync",
  "tzdata",
];

/** Folders and files that nobody reads in a guest; licences are kept beside the image (see licences.ts). */
const dropped: readonly RegExp[] = [
  /^usr\/share\/(doc|doc-base|man|info|lintian|bug|gitweb|perl\/[\d.]+\/pod|zsh|fish|polkit-1|menu|pixmaps|icons|applications|debconf)(\/|$)/,
  /^usr\/share\/locale\/(?!locale\.alias$)./,
  /^usr\/share\/bash-completion(\/|$)/,
  /^usr\/share\/zoneinfo\/(posix|right)(\/|$)/,
  /^usr\/share\/python3?\/(debpython|dist|runtime\.d)(\/|$)/,
  /^usr\/lib\/(systemd|udev|tmpfiles\.d|sysusers\.d|init|binfmt\.d|valgrind)(\/|$)/,
  /^usr\/lib\/[^/]+-linux-gnu\/(gconv\/(?!UTF|ISO8859-(1|15)\.|CP125|gconv-modules)|audit|e2fsprogs|xtables|security\/pam_(?!unix|permit|deny|env|rootok|limits|nologin|shells|umask|warn))/,
  /^etc\/(cron\.|init\.d|rc[0-6S]\.d|logrotate\.d|update-motd\.d|default\/(rsync|hwclock|useradd)|systemd|apt|kernel|skel)/,
  /^var\/(lib\/(systemd|pam|polkit-1)|cache\/debconf)(\/|$)/,
  // big, and of no use in a machine without disks, kernels or package downloads
  /^usr\/bin\/(scalar|pzstd|localedef|perl5[\d.]+-x86.*|systemd-.*)$/,
  /^usr\/sbin\/(tc|bridge|devlink|dcb|genl|rdma|tipc|vdpa|mkfs.*|fsck.*|swap.*|fdisk|sfdisk|cfdisk|hwclock|wipefs|zramctl|blkzone|mkswap)$/,
  /^usr\/lib\/git-core\/(git-http-push|git-imap-send|git-daemon|git-http-backend|git-instaweb|git-cvs.*|git-p4|git-svn|git-send-email|git-gui.*|git-archimport)$/,
  // Ubuntu's crash reporter, asked for at every start of Python
  /^(etc|usr\/lib)\/python3[\d.]*\/sitecustomize\.py$/,
  /^usr\/lib\/python3[\d.]*\/(test|idlelib|turtledemo|tkinter|ensurepip|lib2to3\/tests|ctypes\/test|unittest\/test|distutils\/tests|sqlite3\/test)(\/|$)/,
];

export function isDropped(path: string): boolean {
  return dropped.some((pattern) => pattern.test(path));
}
