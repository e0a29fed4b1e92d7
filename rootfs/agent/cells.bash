# A session of shell cells: `bash --noediting --rcfile cells.bash -i`, protocol in client/machine/session/SPEC.md (CELL-1 to CELL-6).
# Everything happens in PROMPT_COMMAND: an interrupted cell throws bash back to its prompt, which runs it again.
# Cells are sourced at top level, not in a function: `declare` makes variables that last. Nothing here forks.

PS1= PS2=
unset HISTFILE
set +o history

__conch_control=$CONCH_CONTROL __conch_task= __conch_nonce= __conch_cell= __conch_last=0 __conch_thrown=
unset CONCH_CONTROL

# Reports the cell that has ended with status $1, then waits for the next: its source is $__conch_source.
__conch_next() {
  local - IFS=$' \t\n' LC_ALL= verb first second third
  set +efuvx
  if [[ $__conch_cell ]]; then
    third=${PWD//'%'/%25} third=${third//$'\n'/%0A} third=${third//$'\e'/%1B} third=${third//$'\a'/%07}
    # Not to standard output, which the cell may have sent elsewhere.
    builtin printf '\e]6973;%s;%s;%s;%s\a' "$__conch_nonce" "$__conch_cell" "$1" "$third" > /dev/tty
    __conch_cell=
  fi
  while builtin read -r verb first second third < "$__conch_control"; do
    case $verb in
      session)
        __conch_task=$first __conch_nonce=$second
        # A shell from a snapshot would draw the same numbers as every other.
        RANDOM=$SRANDOM
        builtin printf -v third %b "${third//'%'/\\x}"
        builtin cd -- "$third" 2> /dev/tty
        ;;
      cell)
        __conch_cell=$first __conch_source=/task/$__conch_task/cells/$first
        builtin printf '\e]6973;%s;%s;start\a' "$__conch_nonce" "$__conch_cell" > /dev/tty
        return 0
        ;;
    esac
  done
  # The agent has gone.
  builtin exit 1
}

# A cell that says `set -e` ends at a command that fails, but its session lives: in place of the exit that follows, bash
# is thrown back to its prompt as by an interrupt. In a subshell the exit is right. With a trap of its own on ERR a cell
# ends the session.
__conch_failed() {
  if [[ $- == *e* && $BASH_SUBSHELL == 0 && $__conch_cell ]]; then
    __conch_thrown=$1
    builtin kill -INT $$
  fi
}
set -E
trap '__conch_failed $?' ERR

# Bash takes an interrupt for the command's alone where that ends well all the same, as in a loop of short commands. The
# agent sends SIGURG, which nobody else minds, after each interrupt: it waits until the command has ended, and from then on
# (extdebug) every function and the cell itself return instead of going on. A trap that a function sets ends with it.
__conch_skip() {
  [[ ${BASH_SOURCE[*]: -1} == "$__conch_source" ]] && return 2
  builtin trap - DEBUG
  shopt -u extdebug
  set -E +T
}
trap '[[ $BASH_SUBSHELL == 0 && ${BASH_SOURCE[*]: -1} == "$__conch_source" ]] && {
  __conch_thrown=130
  shopt -s extdebug
  trap __conch_skip DEBUG
}' URG

# The outer loop is for cells that say `break`; what goes to /dev/null is the trace of a cell that said `set -x`.
# Without job control all that a cell starts is in the shell's own process group: otherwise an interrupt that comes while
# the shell starts a command reaches only half of it. (Bash forgets a `set +m` of its start-up file.)
PROMPT_COMMAND='{ __conch_last=${__conch_thrown:-$?}; __conch_thrown=; set +m; } 2> /dev/null
while :; do
  while { __conch_next "$__conch_last"; } 2> /dev/null; do
    { __conch_last=0; } 2> /dev/null
    builtin source "$__conch_source"
    { __conch_last=${__conch_thrown:-$?}; __conch_thrown=; set +vx; } 2> /dev/null
  done
done'
