#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs separate.sbatch on a Slurm of its own: one node, this machine, in a temporary directory.
#
#   Operations/slurm/test.sh PROGRAM        the built `tonmeister`
#
# As root on Debian 12, with: apt-get install --no-install-recommends slurm-wlm munge ffmpeg python3
# It ends with 0 where everything is as separate.sbatch promises. TMPDIR names the place of the directory (1 GB).
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
demo=$here/../../DemoSong/demo.flac
if [ $# -ne 1 ] || [ ! -x "$1" ]; then
  echo "usage: $0 PROGRAM" >&2
  exit 64
fi
TONMEISTER=$(readlink -f "$1")
export TONMEISTER
for tool in munged slurmctld slurmd sbatch ffmpeg python3; do
  if ! command -v "$tool" >/dev/null; then
    echo "test: $tool is missing; apt-get install --no-install-recommends slurm-wlm munge ffmpeg python3" >&2
    exit 1
  fi
done

work=$(mktemp -d -t tonmeister-slurm.XXXXXX)
# Munge wants all to be able to reach its socket.
chmod 755 "$work"
# The parts of the list, and how long a song is; twelve of them keep a task busy long enough to be interrupted.
parts=4
seconds=${SECONDS_OF_A_SONG:-30}
# The seconds that one step may take, on a machine that has other work to do, too.
limit=900
daemons=()

finish() {
  local status=$? end=$((SECONDS + 30)) index
  trap - EXIT
  if [ -n "${SLURM_CONF:-}" ]; then
    scancel --user="$(id -un)" --signal=KILL 2>/dev/null || true
    while [ -n "$(squeue --noheader 2>/dev/null)" ] && [ $SECONDS -lt $end ]; do sleep 0.2; done
  fi
  # Munge, which the others need to say good-bye, was started first and ends last.
  for ((index = ${#daemons[@]} - 1; index >= 0; index--)); do
    kill -TERM "${daemons[$index]}" 2>/dev/null || true
    wait "${daemons[$index]}" 2>/dev/null || true
  done
  if [ $status -eq 0 ]; then
    rm -rf "$work"
  else
    echo "test: failed; everything is left in $work" >&2
  fi
  exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM

fail() {
  echo "test: $*" >&2
  exit 1
}

# Waits until a command succeeds: wait_for WHAT COMMAND…
wait_for() {
  local what=$1 end=$((SECONDS + limit))
  shift
  until "$@"; do
    [ $SECONDS -lt $end ] || fail "$what has not come about within $limit s"
    sleep 0.1
  done
}

# MARK: Slurm

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

start_slurm() {
  mkdir -m 755 "$work/munge" "$work/state" "$work/spool"
  (umask 077 && head -c 1024 /dev/urandom >"$work/munge/key")
  munged --foreground --key-file="$work/munge/key" --socket="$work/munge/socket" --num-threads=4 \
    --pid-file="$work/munge/pid" --seed-file="$work/munge/seed" >"$work/munge/log" 2>&1 &
  daemons+=($!)
  # A task that takes more memory than it asked for is ended, as with cgroups.
  cat >"$work/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.pid
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=0
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
JobCompType=jobcomp/filetxt
JobCompLoc=$work/completed
KillWait=10
MessageTimeout=60
ReturnToService=2
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=2048 State=UNKNOWN
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP PriorityTier=1
PartitionName=urgent Nodes=ALL MaxTime=INFINITE State=UP PriorityTier=2
CONF
  export SLURM_CONF=$work/slurm.conf
  wait_for "munge" test -S "$work/munge/socket"
  slurmctld -D >"$work/slurmctld.log" 2>&1 &
  daemons+=($!)
  slurmd -D >"$work/slurmd.log" 2>&1 &
  daemons+=($!)
  wait_for "the node" is_idle
}

is_idle() { [ "$(sinfo --noheader --partition=all --format=%T 2>/dev/null)" = idle ]; }

# Submits the list; gives the number of the array. One processor a task, so that two run at a time.
submit() {
  local list=$1 out=$2
  shift 2
  sbatch --parsable --array=1-$parts --cpus-per-task=1 --chdir="$work" "$@" "$here/separate.sbatch" \
    "$list" "$out" $parts
}

has_ended() { [ -z "$(squeue --noheader --jobs="$1" 2>/dev/null)" ]; }

# The ends of an array's tasks, each a line: TASK STATE EXIT.
ends() {
  scontrol show job "$1" --oneliner |
    sed -E 's/.*ArrayTaskId=([0-9]+) .*JobState=([A-Z]+) .* ExitCode=([0-9]+:[0-9]+) .*/\1 \2 \3/' | sort -n
}

expect_ends() {
  local array=$1 expected=$2
  wait_for "the end of array $array" has_ended "$array"
  [ "$(ends "$array")" = "$expected" ] || fail "array $array ended otherwise: $(ends "$array")"
}

all_completed() { for part in $(seq $parts); do echo "$part COMPLETED 0:0"; done; }

# Lets the requeued tasks of an array begin at once; by themselves they do after two minutes.
hurry() {
  local task
  wait_for "the requeueing of a task of $1" has_requeued "$1"
  for task in $(requeued "$1"); do scontrol update "JobId=$task" StartTime=now; done
}

requeued() { squeue --noheader --jobs="$1" --array --format='%i %r' | awk '$2 == "BeginTime" { print $1 }'; }
has_requeued() { [ -n "$(requeued "$1")" ]; }

# How many songs the tasks of an array say that they separated, and left out.
separated() { cat "$work/separate-$1"_*.log | grep -c ' s of audio in '; }
skipped() { cat "$work/separate-$1"_*.log | grep -c ': skipped, the stems are there'; }

# MARK: Songs

# Twelve pieces of the demo song in three formats; two of them have the same name.
make_songs() {
  mkdir -p "$work/songs/a" "$work/songs/b"
  local number=0 name
  for name in a/same.flac b/same.flac one.wav two.mp3 three.flac four.wav five.mp3 six.flac seven.wav eight.mp3 \
    "nine, or so.flac" ten.wav; do
    ffmpeg -nostdin -loglevel error -stream_loop -1 -i "$demo" -ss $((2 * number)) -t "$seconds" "$work/songs/$name"
    number=$((number + 1))
  done
  (
    echo "artist,path"
    cd "$work/songs"
    find . -type f ! -name '*.csv' -printf '%P\n' | sort | sed 's/.*/x,"&"/'
  ) >"$work/songs/songs.csv"
  head -c 200000 /dev/urandom >"$work/songs/noise.mp3"
  # The sixth line: the second part of four.
  sed '6a x,noise.mp3' "$work/songs/songs.csv" >"$work/songs/with-noise.csv"
}

# The digests of all files below a folder, hidden ones included.
digests() { (cd "$1" && find . -type f -print0 | sort -z | xargs -0 -r sha256sum); }

expect_same() {
  digests "$1" >"$1.digests"
  cmp -s "$work/whole.digests" "$1.digests" || fail "$1 differs: $(diff "$work/whole.digests" "$1.digests")"
  # It takes a quarter of a gigabyte.
  [ "$1" = "$work/once" ] || rm -r "$1"
}

# Waits for a task that has done a song and works on another, and gives its number: TASK of ARRAY_TASK.
middle() {
  local array=$1 end=$((SECONDS + limit)) task
  while [ $SECONDS -lt $end ]; do
    for task in $(squeue --noheader --jobs="$array" --states=RUNNING --format=%K 2>/dev/null); do
      if grep -q ' s of audio in ' "$work/separate-${array}_$task.log" 2>/dev/null; then
        echo "$task"
        return
      fi
    done
    sleep 0.1
  done
  fail "array $array has not come to its middle"
}

# Sends a task what Slurm sends it before its time limit, not by `scancel`, which takes a task of an array that queues
# itself anew meanwhile for one that it has not reached yet.
warn() {
  local id script
  id=$(scontrol show job "$1" --oneliner | sed -E 's/^JobId=([0-9]+) .*/\1/')
  script=$(scontrol listpids "$id" | awk '$3 == "batch" { print $1; exit }')
  kill -USR1 "$script"
}

# MARK: The test

start_slurm
echo "slurm $(sinfo --version | cut -d' ' -f2) on $(nproc) processors"
make_songs
"$TONMEISTER" separate --manifest "$work/songs/songs.csv" --out "$work/whole" --progress none >/dev/null
digests "$work/whole" >"$work/whole.digests"
[ "$(wc -l <"$work/whole.digests")" -eq 48 ] || fail "twelve songs have not 48 stems"

array=$(submit songs/songs.csv once)
expect_ends "$array" "$(all_completed)"
[ "$(separated "$array")" -eq 12 ] || fail "songs were not separated once each"
expect_same "$work/once"
peak=$(cat "$work/separate-$array"_*.log | sed -nE 's/.*peak memory ([0-9]+) MB.*/\1/p' | sort -n | tail -n 1)
echo "once: 12 songs in $parts tasks, each separated once, the same 48 files as without Slurm; $peak MB a task at most"

again=$(submit songs/songs.csv once)
expect_ends "$again" "$(all_completed)"
[ "$(separated "$again" || true):$(skipped "$again")" = 0:12 ] || fail "songs were separated again"
expect_same "$work/once"
echo "again: nothing separated, 12 songs left out"

array=$(submit songs/songs.csv cancelled)
middle "$array" >/dev/null
scancel "$array"
wait_for "the end of array $array" has_ended "$array"
before=$(separated "$array")
[ "$before" -lt 12 ] || fail "it was cancelled too late to show anything"
[ -z "$(find "$work/cancelled" -name '*.partial')" ] || fail "a partial file was left"
again=$(submit songs/songs.csv cancelled)
expect_ends "$again" "$(all_completed)"
[ $((before + $(separated "$again"))) -eq 12 ] || fail "songs were separated twice, or not at all"
expect_same "$work/cancelled"
echo "scancel after $before songs, submitted again: the other $((12 - before)) separated, the same files"

array=$(submit songs/songs.csv requeued)
task=${array}_$(middle "$array")
scontrol requeue "$task"
hurry "$array"
expect_ends "$array" "$(all_completed)"
scontrol show job "$task" | grep -q 'Restarts=1' || fail "$task has not begun anew"
[ "$(separated "$array")" -eq 12 ] || fail "songs were separated twice, or not at all"
expect_same "$work/requeued"
echo "scontrol requeue of $task: it began anew, each song separated once, the same files"

array=$(submit songs/songs.csv preempted)
task=${array}_$(middle "$array")
urgent=$(sbatch --parsable --partition=urgent --exclusive --output="$work/urgent.log" --wrap=true)
wait_for "the end of the urgent job" has_ended "$urgent"
hurry "$array"
expect_ends "$array" "$(all_completed)"
scontrol show job "$task" | grep -q 'Restarts=1' || fail "$task has not begun anew"
[ "$(separated "$array")" -eq 12 ] || fail "songs were separated twice, or not at all"
expect_same "$work/preempted"
echo "preempted by an urgent job: $task began anew, each song separated once, the same files"

array=$(submit songs/songs.csv late)
task=${array}_$(middle "$array")
warn "$task"
hurry "$array"
expect_ends "$array" "$(all_completed)"
scontrol show job "$task" | grep -q 'Restarts=1' || fail "$task has not begun anew"
[ "$(separated "$array")" -eq 12 ] || fail "songs were separated twice, or not at all"
expect_same "$work/late"
echo "the signal before the time limit, to $task: it queued itself anew, the same files"

array=$(submit songs/songs.csv killed)
middle "$array" >/dev/null
scancel --signal=KILL "$array"
wait_for "the end of array $array" has_ended "$array"
before=$(separated "$array")
again=$(submit songs/songs.csv killed)
expect_ends "$again" "$(all_completed)"
expect_same "$work/killed"
echo "kill -9 after $before songs, submitted again: the same files"

array=$(submit songs/with-noise.csv noise)
expect_ends "$array" "$(all_completed | sed '2s/.*/2 FAILED 1:0/')"
grep -q 'noise.mp3' "$work/separate-${array}_2.log" || fail "the log does not name the bad song"
expect_same "$work/noise"
echo "a bad song: its task fails with 1, all others and all other songs are done"

echo "passed in $SECONDS s"
