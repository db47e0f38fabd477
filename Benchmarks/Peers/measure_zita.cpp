// Times zita-convolver block by block, as a sound card would call it; compare_streams.py compiles and runs it.
//
//   measure_zita TAPS BLOCK PERIODS ALL|PACED
//
// One channel, noise. ALL: blocks follow each other at once, and each waits for all work that is due (the threads of longer
// partitions included); on one processor that is the time of a block. PACED: a block every BLOCK / 48,000 s; what is timed is
// the call alone, the other threads working in between. Prints a JSON object of nanoseconds: each place in the period of
// the partitions has the median of its times; median and worst of these, the mean, and the longest time of any block.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include <sched.h>
#include <zita-convolver.h>

static double median(std::vector<double> values) {
    size_t middle = values.size() / 2;
    std::nth_element(values.begin(), values.begin() + middle, values.end());
    double upper = values[middle];
    if (values.size() % 2) return upper;
    return (upper + *std::max_element(values.begin(), values.begin() + middle)) / 2;
}

int main(int count, char **arguments) {
    if (count != 5) return 64;
    const int taps = atoi(arguments[1]), block = atoi(arguments[2]), periods = atoi(arguments[3]);
    const bool paced = !strcmp(arguments[4], "PACED");
    const int longest = Convproc::MAXPART;
    std::vector<float> kernel(taps);
    unsigned state = 1;
    auto noise = [&] { return float(int(state = state * 1664525u + 1013904223u) >> 8) * 0x1p-23f; };
    for (float &tap : kernel) tap = noise();

    Convproc convolver;
    if (convolver.configure(1, 1, taps, block, block, longest, 0.0f)) return 2;
    if (convolver.impdata_create(0, 0, 1, kernel.data(), 0, taps)) return 3;
    // Its threads are scheduled as this one is, those of longer partitions a little behind.
    sched_param own;
    sched_getparam(0, &own);
    if (convolver.start_process(own.sched_priority, sched_getscheduler(0))) return 4;
    // Its threads say nothing when they have begun; the first blocks of one that has not are lost.
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    const int period = 2 * longest / block;

    // The first outputs of an impulse are the kernel: what is timed is right.
    double error = 0;
    for (int start = 0; start + block <= taps; start += block) {
        memset(convolver.inpdata(0), 0, block * sizeof(float));
        if (start == 0) convolver.inpdata(0)[0] = 1;
        if (convolver.process(true)) return 5;
        for (int t = 0; t < block; t++)
            error = std::max(error, double(std::fabs(convolver.outdata(0)[t] - kernel[start + t])));
    }
    if (!(error < 1e-4)) return 6;

    using clock = std::chrono::steady_clock;
    std::vector<std::vector<double>> times(period);
    auto next = clock::now();
    const std::chrono::nanoseconds lasting(block * 1000000000ll / 48000);
    int late = 0;
    for (int round = 0; round <= periods; round++) {
        for (int place = 0; place < period; place++) {
            for (int t = 0; t < block; t++) convolver.inpdata(0)[t] = noise();
            if (paced) std::this_thread::sleep_until(next += lasting);
            auto before = clock::now();
            late += convolver.process(true) != 0;
            double time = std::chrono::duration<double, std::nano>(clock::now() - before).count();
            if (round > 0) times[place].push_back(time);
        }
    }
    convolver.stop_process();
    std::vector<double> medians;
    double sum = 0, longest_time = 0;
    for (auto &of_place : times) {
        medians.push_back(median(of_place));
        sum += medians.back();
        longest_time = std::max(longest_time, *std::max_element(of_place.begin(), of_place.end()));
    }
    printf("{\"median\": %.0f, \"worst\": %.0f, \"mean\": %.0f, \"longest\": %.0f, \"late\": %d, \"error\": %.1e}\n",
           median(medians), *std::max_element(medians.begin(), medians.end()), sum / medians.size(), longest_time, late,
           error);
    return 0;
}
