// Runs by the thousand from one program: each is a fresh copy of it that has done nothing yet, so that nothing goes from one run to the
// next, and a crash ends one run alone. A copy is made long before lwIP's state would be: begin() is the run's own.
#define _GNU_SOURCE
#include "serve.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    // How a run says that it is over, and that another may follow. lwIP's asserts and sanitizers have other ways to end.
    NEXT = 77,
    // Seconds for one request. The harness has given up long before, and the copy would go on for ever.
    PATIENCE = 30,
    MAX_SAID = 200,
};

static FILE *out;
// What runs say beside their answers: an assertion, the report of a sanitizer. The file is one for all, and emptied before each.
static FILE *said;
// Whether the run at hand was told that another may follow. It is known to both processes.
static volatile bool *again;

static void give_up(const char *why) {
    fprintf(stderr, "lwip shim: %s: %s\n", why, strerror(errno));
    exit(1);
}

// The line that tells most: a sanitizer's summary, which names the place, or the first that looks like an error, or else the last.
static void read_said(char *told) {
    char line[1024];
    bool found = false, summed = false;
    int lines = 0;
    *told = 0;
    rewind(said);
    while (fgets(line, sizeof line, said)) {
        lines++;
        line[strcspn(line, "\n")] = 0;
        bool error = strstr(line, "ssert") || strstr(line, "ERROR") || strstr(line, "runtime error");
        bool summary = strstr(line, "SUMMARY: ") == line;
        if (summed || (!summary && (found || (!error && !*line))))
            continue;
        found |= error;
        summed = summary;
        // The place of the source on this machine tells nothing.
        const char *path = strstr(line, "/src/"), *word = path;
        while (word && word > line && word[-1] != ' ')
            word--;
        snprintf(told, MAX_SAID, "%.*s%s", path ? (int)(word - line) : MAX_SAID, line, path ? path + 1 : "");
    }
    // More than the one line is for people.
    rewind(said);
    for (size_t got; lines > 1 && (got = fread(line, 1, sizeof line, said));)
        fwrite(line, 1, got, stderr);
}

// A run ended that should not have: said where the harness wants to go on, repeated where it does not.
static void report(int status) {
    char told[MAX_SAID] = "";
    if (!*again) {
        if (WIFSIGNALED(status)) {
            signal(WTERMSIG(status), SIG_DFL);
            raise(WTERMSIG(status));
        }
        exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
    }
    read_said(told);
    if (WIFSIGNALED(status))
        fprintf(out, "\nended signal %d%s%s\n", WTERMSIG(status), *told ? ": " : "", told);
    else
        fprintf(out, "\nended status %d%s%s\n", WEXITSTATUS(status), *told ? ": " : "", told);
    fflush(out);
}

void serve(FILE *answers) {
    out = answers;
    said = tmpfile();
    again = mmap(NULL, sizeof *again, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (!said || again == MAP_FAILED)
        give_up("no room for what runs say");
    for (;;) {
        *again = false;
        if (ftruncate(fileno(said), 0))
            give_up("what the last run said cannot be forgotten");
        rewind(said);
        pid_t run = fork();
        if (run < 0)
            give_up("no process for the next run");
        if (!run)
            return;
        int status;
        while (waitpid(run, &status, 0) < 0)
            if (errno != EINTR)
                give_up("the run's process is lost");
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
            exit(0);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != NEXT)
            report(status);
    }
}

void another_may_follow(void) {
    *again = true;
    dup2(fileno(said), STDOUT_FILENO);
    dup2(fileno(said), STDERR_FILENO);
    // A session would leave thousands.
    setrlimit(RLIMIT_CORE, &(struct rlimit){0});
}

void within_patience(bool working) {
    if (*again)
        alarm(working ? PATIENCE : 0);
}

int end_of_run(void) { return *again ? NEXT : 0; }
