# Stands in for Homebrew's language: loads a formula, runs its blocks with recorders, and prints what it says as JSON.
# It knows only the words that a formula of ours uses; any other one is a NoMethodError.
require "json"

module Language
  module Python
    module Virtualenv
      def virtualenv_install_with_resources = (@did ||= []) << "virtualenv_install_with_resources"
    end
  end
end

class Resource
  attr_reader :said

  def initialize(name, &block)
    @said = { name: name }
    instance_eval(&block)
  end

  def url(value) = @said[:url] = value
  def sha256(value) = @said[:sha256] = value
end

class Formula
  class << self
    def said = @said ||= { depends_on: [], resources: [] }

    %i[desc homepage url sha256 license].each { |word| define_method(word) { |value| said[word] = value } }

    def depends_on(what) = said[:depends_on] << what
    def resource(name, &block) = said[:resources] << Resource.new(name, &block).said
    def test(&block) = @test = block
    def written_test = @test
  end

  attr_reader :did

  def version = "1.2.3"
  def bin = "/bin"

  def shell_output(command)
    (@did ||= []) << command
    command.end_with?("--version") ? "keeplit, version #{version}\n" : '{"schema": 1}'
  end

  def assert_equal(expected, actual) = expected == actual || abort("#{actual} is not #{expected}")
  def assert_match(expected, actual) = actual.include?(expected) || abort("#{actual} has no #{expected}")
end

load ARGV.fetch(0)
formula = ObjectSpace.each_object(Class).find { |one| one < Formula }
made = formula.new
made.install
made.instance_exec(&formula.written_test)
puts JSON.generate(name: formula.name, **formula.said, caveats: made.caveats, did: made.did)
