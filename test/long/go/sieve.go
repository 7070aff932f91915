// The concurrent prime sieve: a chain of goroutines, one for each prime, on all CPUs.
package main

import (
	"fmt"
	"runtime"
)

func generate(out chan<- int) {
	for n := 2; ; n++ {
		out <- n
	}
}

func filter(in <-chan int, out chan<- int, prime int) {
	for n := range in {
		if n%prime != 0 {
			out <- n
		}
	}
}

func main() {
	runtime.GOMAXPROCS(runtime.NumCPU())
	numbers := make(chan int)
	go generate(numbers)
	sum := 0
	for i := 0; i < 300; i++ {
		prime := <-numbers
		sum += prime
		next := make(chan int)
		go filter(numbers, next, prime)
		numbers = next
	}
	fmt.Println(runtime.NumCPU(), "CPUs, the first 300 primes add up to", sum)
}
