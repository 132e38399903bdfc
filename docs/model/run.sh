#!/usr/bin/env bash
# Checks the model: runs ProVerif on each file in proofs/ and controls/, and compares its results with those that the
# file expects.
#
#   ./run.sh                        checks every file
#   ./run.sh proofs/client.pv       checks the named files; the paths are relative to this folder
#
# PROVERIF   the path of ProVerif (default: proverif in PATH)
# TIMEOUT    the longest time of one run of ProVerif, in seconds (default: 600)
#
# The exit code is 0 if every result is as expected, 1 if a result is not, and 2 if ProVerif or a file of lib/ is missing.

set -u
cd "$(dirname "$0")" || exit 2

proverif=${PROVERIF:-proverif}
if ! command -v "$proverif" >/dev/null 2>&1; then
  cat >&2 <<'END'
run.sh: ProVerif was not found, neither at the path in PROVERIF nor in PATH.
To build ProVerif from its source, you need only OCaml:
  1. install OCaml 4.03 or later (Debian: apt-get install ocaml);
  2. download the source of ProVerif 2.05 from https://proverif.inria.fr/;
  3. in its folder: ./build -nointeract
  4. PROVERIF=/path/to/proverif ./run.sh
END
  exit 2
fi

files=("$@")
[ ${#files[@]} -gt 0 ] || files=(proofs/*.pv controls/*.pv)

limit=(timeout "${TIMEOUT:-600}")
command -v timeout >/dev/null 2>&1 || limit=(env)

output=$(mktemp) || exit 2
trap 'rm -f "$output"' EXIT
unexpected=0
seconds_in_all=0

"$proverif" -help 2>&1 | head -n 1 | cut -d . -f 1,2

# Prints the result of each query and lemma, one word a line, in the order of the file.
findings() {
  awk '
    /^A trace has been found\.|^A trace has been found, / { trace = 1 }
    /^RESULT / {
      if (/ is true( in process [0-9])?\.?$/) print "true"
      else if (/ is false( in process [0-9])?\.?$/) print "false"
      else if (/^RESULT Observational equivalence cannot be proved/ && trace) print "distinguished"
      else print "unproved"
      trace = 0
    }' "$output"
}

for file in "${files[@]}"; do
  number=0
  while read -r label libraries; do
    number=$((number + 1))
    arguments=()
    for library in primitives format seal roles $libraries; do
      [ -f "lib/$library.pvl" ] || { echo "run.sh: $file names lib/$library.pvl, which does not exist" >&2; exit 2; }
    done
    # ProVerif must read each library after the libraries that it uses.
    for library in primitives gcm format iv subject rights seal roles selection; do
      for candidate in primitives format seal roles $libraries; do
        case $candidate in "$library" | "$library"-*) arguments+=(-lib "lib/$candidate.pvl") ;; esac
      done
    done

    began=$(date +%s)
    "${limit[@]}" "$proverif" -set color false -set displayDerivation false -set traceDisplay short \
      "${arguments[@]}" "$file" >"$output" 2>&1
    status=$?
    seconds=$(($(date +%s) - began))
    seconds_in_all=$((seconds_in_all + seconds))
    printf '\n%s, %s (%d s)\n' "$file" "$label" "$seconds"
    if [ $status -ne 0 ]; then
      [ $status -eq 124 ] && echo "  no result in ${TIMEOUT:-600} s" || grep -A 2 '^Error' "$output" || tail -n 3 "$output"
      unexpected=$((unexpected + 1))
      continue
    fi

    found=()
    while IFS= read -r result; do found+=("$result"); done < <(findings)
    index=0
    while IFS= read -r line; do
      # A line "(* expect proved | attack: what *)" has one result for all runs of the file, or one for each run.
      wanted=${line#*expect }
      what=${wanted#*: }
      what=${what% \*)}
      IFS='|' read -r -a choices <<<"${wanted%%: *}"
      choice=${choices[0]}
      [ ${#choices[@]} -gt 1 ] && choice=${choices[$((number - 1))]}
      choice=${choice// /}
      result=${found[$index]:-nothing}
      case $choice in
        proved) good=true ;;
        attack | reached) good=false ;;
        *) good=$choice ;;
      esac
      if [ "$result" = "$good" ]; then
        printf '  ok   %-13s  %s\n' "$choice" "$what"
      else
        printf '  FAIL %-13s  %s (ProVerif says: %s)\n' "$choice" "$what" "$result"
        unexpected=$((unexpected + 1))
      fi
      index=$((index + 1))
    done < <(grep '^(\* expect ' "$file")
    if [ ${#found[@]} -ne $index ]; then
      printf '  FAIL %d expectations for %d results\n' "$index" "${#found[@]}"
      unexpected=$((unexpected + 1))
    fi
  done < <(sed -n 's/^(\* run \([a-z]*\): \(.*\) \*)$/\1 \2/p' "$file")
  [ $number -gt 0 ] || { printf '\n%s: no line "(* run ... *)"\n' "$file"; unexpected=$((unexpected + 1)); }
done

echo
if [ $unexpected -eq 0 ]; then
  echo "Every result is as expected ($seconds_in_all s)."
else
  echo "$unexpected results are not as expected ($seconds_in_all s)."
  exit 1
fi
