// A process for each run; see "More runs than one" in ../README.md.
#include <stdbool.h>
#include <stdio.h>

// Returns in a fresh process for each run. The one that called waits for it, tells on `answers` if it crashed, and never returns.
void serve(FILE *answers);
// The harness would begin another run behind this one.
void another_may_follow(void);
// Around each request.
void within_patience(bool working);
// The exit status of a run that has said goodbye.
int end_of_run(void);
